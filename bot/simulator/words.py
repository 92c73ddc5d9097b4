"""The page's words, Vietnamese and English."""

Words = dict[str, str]

_WORDS: dict[str, tuple[str, str]] = {
    "title": ("Telegram giả lập", "Pretend Telegram"),
    "search": ("Tìm người", "Find a person"),
    "people": ("Bạn là ai?", "Who are you?"),
    "chats": ("Trò chuyện", "Chats"),
    "nobody": ("Không tìm thấy ai.", "Nobody found."),
    "choose": ("Chọn một người để bắt đầu.", "Choose a person to begin."),
    "choose_hint": (
        "Mỗi người có điện thoại riêng: chọn ai là xem và nhắn như người đó.",
        "Everybody has a phone of their own: choose someone to see and write as they do.",
    ),
    "empty": ("Chưa có tin nhắn.", "No messages yet."),
    "start": ("Bắt đầu", "Start"),
    "blocked": ("Đã chặn bot. Bấm để bỏ chặn", "You blocked the bot. Unblock"),
    "block": ("Chặn bot", "Block the bot"),
    "unblock": ("Bỏ chặn bot", "Unblock the bot"),
    "message": ("Nhắn tin…", "Message…"),
    "send": ("Gửi", "Send"),
    "attach": ("Đính kèm tệp", "Attach a file"),
    "menu": ("Lệnh", "Menu"),
    "keyboard": ("Bàn phím", "Keyboard"),
    "back": ("Về danh sách", "Back to the list"),
    "reply": ("Trả lời", "Reply"),
    "cancel_reply": ("Thôi trả lời", "Do not reply"),
    "edited": ("đã sửa", "edited"),
    "bot": ("bot", "bot"),
    "you_are": ("Bạn là", "You are"),
    "group": ("nhóm", "group"),
    "members": ("người", "members"),
    "bot_absent": ("bot không ở trong nhóm", "the bot is not in this group"),
    "typing": ("đang soạn…", "is typing…"),
    "clock": ("Đồng hồ", "Clock"),
    "hour": ("+1 giờ", "+1 hour"),
    "day": ("+1 ngày", "+1 day"),
    "until": ("đến…", "to…"),
    "move": ("Chuyển đồng hồ", "Move the clock"),
    "move_hint": ("Giờ Việt Nam. Bot thấy giờ mới ngay.", "Vietnam time. The bot sees it at once."),
    "close": ("Đóng", "Close"),
    "break": ("Telegram hỏng", "Break Telegram"),
    "broken": ("Telegram đang hỏng", "Telegram is broken"),
    "heal": ("Sửa lại", "Heal"),
    "once": ("một lần", "once"),
    "always": ("đến khi sửa", "until healed"),
    "flood": ("Giới hạn tốc độ như thật", "Real flood limits"),
    "how_429": ("Quá nhiều yêu cầu (429)", "Too many requests (429)"),
    "how_500": ("Lỗi máy chủ (500)", "Server error (500)"),
    "how_502_before": ("Chưa nhận, báo 502", "502, not accepted"),
    "how_502_after": ("Đã nhận, báo 502", "502, but accepted"),
    "how_cut_before": ("Đứt mạng trước khi nhận", "Cut before accepting"),
    "how_cut_after": ("Đã nhận rồi đứt mạng", "Accepted, then cut"),
    "how_hang": ("Treo, không nhận", "Hangs, accepts nothing"),
    "how_hang_after": ("Đã nhận rồi treo", "Accepted, then hangs"),
    "how_garbled": ("Trả lời bị vỡ", "Garbled reply"),
    "how_revoked": ("Thu hồi token (401)", "Token revoked (401)"),
    "how_paused": ("Ngừng phục vụ (503)", "Out of service (503)"),
    "how_delay": ("Trả lời chậm", "Slow replies"),
    "fault_set": ("Lần gọi tới sẽ hỏng.", "The next call will fail."),
    "healed": ("Telegram đã chạy lại.", "Telegram works again."),
    "failed": ("Không làm được", "That did not work"),
    "lost": ("Mất liên lạc với máy chủ, đang nối lại…", "Connection lost, trying again…"),
    "no_world": ("Chưa có thế giới nào.", "There is no world yet."),
    "no_world_hint": (
        "Chạy “make demo”, hoặc tạo một thế giới bằng POST /control/worlds.",
        "Run “make demo”, or make a world with POST /control/worlds.",
    ),
    "service_new_chat_members": ("đã vào nhóm", "joined the group"),
    "service_left_chat_member": ("đã rời nhóm", "left the group"),
    "service_new_chat_title": ("Nhóm đổi tên", "The group has a new name"),
    "service_pinned_message": ("đã ghim một tin nhắn", "pinned a message"),
    "service_migrate_to_chat_id": (
        "Nhóm đã thành siêu nhóm",
        "The group became a supergroup",
    ),
    "service_migrate_from_chat_id": (
        "Nhóm đã thành siêu nhóm",
        "The group became a supergroup",
    ),
    "service_group_chat_created": ("Nhóm được tạo", "The group was made"),
    "service_supergroup_chat_created": ("Nhóm được tạo", "The group was made"),
}


def words(language: str | None) -> Words:
    """All words in one language, and `lang` itself; Vietnamese unless English is asked for."""
    english = language == "en"
    return {"lang": "en" if english else "vi"} | {
        key: pair[english] for key, pair in _WORDS.items()
    }
