"""The study essay of a campaign: asked for, handed in, read by the committee and by nobody else."""
