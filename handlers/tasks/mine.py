"""[My tasks]: what is waiting for somebody, and the word that says that it is done."""

from __future__ import annotations

from handlers.home import HOME, lessons_due, study_button
from handlers.kit import Ask, Button, Say, Talk, answer, button, command
from handlers.meetings.showing import meeting_label, when
from handlers.paging import PAGE, Page
from handlers.tasks.showing import from_meeting, numbered, own_line, state_lines
from handlers.text import Words, _, n_
from storage import campaigns, meetings, tasks
from storage.tasks import Task

PROOF = "task_proof"


@command("tasks", vi="viec", power="record.own", help=_("My tasks"))
@button("tasks", power="record.own")
def mine(talk: Talk) -> Say:
    """What is waiting for this person: meetings to answer, lessons to finish, tasks to do."""
    talk.close(PROOF)
    return _list(talk, 0)


@button("my_tasks", power="record.own")
def another_page(talk: Talk, number: int) -> Say:
    """Another page of them."""
    return _list(talk, number)


def _list(talk: Talk, number: int, *, toast: Words | None = None) -> Say:
    person = talk.person
    coming = meetings.coming_for(talk.session, person.id, talk.now)
    unanswered = [
        meeting
        for meeting in coming
        if (found := meetings.seat_for(talk.session, meeting.id, person.id)) is not None
        and found[1].answer == meetings.Answer.NONE
    ]
    lessons = campaigns.todo(talk.session, person.id, talk.today)
    todo = tasks.open_for(talk.session, talk.actor)
    others: list[Words] = [_("Answer: {when}", when=when(each)) for each in unanswered]
    if len(others) > 1 and todo:  # they have their buttons; the lines are for the tasks
        others[1:] = []
    if lessons:
        others.append(_("Study: {lessons}", lessons=lessons_due(talk, lessons)))
    page = Page.of(todo, number, PAGE - min(len(others), 2))
    buttons = [Button(meeting_label(meeting), "meeting", meeting.id) for meeting in unanswered]
    buttons += [study_button(each) for each in lessons[:3]]
    return Say(
        _("<b>My tasks</b>"),
        *others,
        *(
            numbered(page.first + place, own_line(task, talk.today))
            for place, task in enumerate(page.items)
        ),
        None if others or todo else _("Nothing is waiting for you."),
        buttons=[
            *page.digits("my_task", *((task.id,) for task in page.items)),
            page.turn("my_tasks"),
            *(buttons[start : start + 2] for start in range(0, len(buttons), 2)),
            [HOME],
        ],
        toast=toast,
    )


@button("my_task", power="task.own")
def one(talk: Talk, task_id: int) -> Say:
    """One of them."""
    talk.close(PROOF)
    return _screen(talk, tasks.for_owner(talk.session, talk.actor, task_id))


def _screen(talk: Talk, task: Task, *, toast: Words | None = None) -> Say:
    done = Button(_("Done ✓"), "task_done", task.id) if task.open else None
    return Say(
        task.text,
        *state_lines(task, talk.today),
        from_meeting(talk.session, task),
        buttons=[[done], [Button(_("My tasks"), "tasks"), HOME]],
        toast=toast,
    )


@button("task_done", power="task.own")
def ask_proof(talk: Talk, task_id: int) -> Say:
    """[Done ✓]: asks for a word that shows it."""
    task = tasks.for_owner(talk.session, talk.actor, task_id)
    if not task.open:
        return _screen(talk, task)
    return Ask(
        PROOF,
        task.text,
        _("What shows that it is done? Type a few words, such as: list of 12 households sent."),
        data={"task": task_id},
        buttons=[
            [Button(_("Nothing to add"), "task_plain", task_id)],
            [Button(_("‹ Back"), "my_task", task_id)],
        ],
    )


@answer(PROOF, power="task.own", about=_("a word about a task that is done"))
def proof_typed(talk: Talk) -> Say:
    """The word, shown back before it counts."""
    task_id = int(talk.draft.data["task"]) if talk.draft else 0
    task = tasks.for_owner(talk.session, talk.actor, task_id)
    word = tasks.check_word(talk.text)
    return Ask(
        PROOF,
        task.text,
        _("What shows it: {proof}", proof=word),
        data={"task": task_id, "word": word},
        buttons=[
            [
                Button(_("Note as done"), "task_proven", task_id),
                Button(_("Edit"), "task_done", task_id),
            ],
            [Button(_("Cancel"), "my_task", task_id)],
        ],
    )


@button("task_proven", power="task.own")
def proven(talk: Talk, task_id: int) -> Say:
    """[Note as done], with the word that was shown back; pressed late, the task as it is."""
    data = talk.draft.data if talk.draft and talk.draft.form == PROOF else {}
    if data.get("task") != task_id or "word" not in data:
        return _screen(talk, tasks.for_owner(talk.session, talk.actor, task_id))
    return _done(talk, task_id, str(data["word"]))


@button("task_plain", power="task.own")
def plain(talk: Talk, task_id: int) -> Say:
    """[Nothing to add]: done without a word."""
    return _done(talk, task_id, None)


def _done(talk: Talk, task_id: int, word: str | None) -> Say:
    task = tasks.done(talk.session, talk.actor, task_id, word, quiet=talk.house.quiet, now=talk.now)
    talk.close(PROOF)
    left = len(tasks.open_for(talk.session, talk.actor))
    noted = n_("Noted: done. {n} task left.", "Noted: done. {n} tasks left.", n=left)
    return _screen(talk, task, toast=noted if left else _("Noted: done."))
