"""What has come of a campaign: on the screen, as picture, Word and Excel, on a card, on paper."""
