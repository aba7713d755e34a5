"""What schools write on an exchange: what they agreed, what happened, and why not."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.demo.content.listing_text import MODES, Mode


@dataclass(frozen=True, slots=True)
class Note:
    """A short note on an exchange that happens in one of these ``modes``."""

    text: str
    modes: tuple[Mode, ...] = MODES


def notes_for(notes: tuple[Note, ...], mode: Mode) -> tuple[str, ...]:
    """The texts among ``notes`` that could be about an exchange in this mode."""
    return tuple(note.text for note in notes if mode in note.modes)


_VISITS: tuple[Mode, ...] = ("on_site", "at_ours")
_ON_SITE: tuple[Mode, ...] = ("on_site",)
_AT_OURS: tuple[Mode, ...] = ("at_ours",)
_ONLINE: tuple[Mode, ...] = ("online",)

AGREED_DETAILS: tuple[Note, ...] = (
    Note("Start at 9.15 after registration. Ask for our office manager at reception.", _ON_SITE),
    Note(
        "Please park in the lower car park and sign in at the main entrance. We’ll have visitor"
        " badges ready and a room booked for the feedback.",
        _ON_SITE,
    ),
    Note("Staffroom from 8.15, coffee is on. First lesson observed at 9.00.", _ON_SITE),
    Note(
        "Twilight session, 3.45 in the library. Around eighteen staff, a projector and a"
        " visualiser. Everyone will bring two books.",
        _ON_SITE,
    ),
    Note("Morning with staff, lunch together, an hour for planning. We’ll cover lunch.", _ON_SITE),
    Note(
        "You’ll need about ten minutes to set up. The hall is free from 1.00; our site manager"
        " will help to carry things.",
        _ON_SITE,
    ),
    Note(
        "Visitors to come to the main gate at 8.30 with photo identification. Four people, names"
        " to follow by e-mail to the office.",
        _AT_OURS,
    ),
    Note("Three visitors. One vegetarian lunch. Home by half past two at the latest.", _AT_OURS),
    Note(
        "We’ll see two lessons, meet the lead and end with questions in the small meeting room."
        " Please bring your own laptops, as guest wi-fi is slow.",
        _AT_OURS,
    ),
    Note("Arrive by 1.15, please, before the gates close for afternoon registration.", _AT_OURS),
    Note("No photographs of pupils, and phones stay in bags while we’re in lessons.", _AT_OURS),
    Note(
        "Coming by minibus: one space needed. All visitors have DBS checks and the letter is"
        " with your office.",
        _AT_OURS,
    ),
    Note("We’ll send the meeting link the day before. Cameras on for the introductions.", _ONLINE),
    Note("Two calls of equal length, a fortnight apart, both at 4.00.", _ONLINE),
    Note(
        "One call. Documents will be sent at least three working days beforehand with all names"
        " removed.",
        _ONLINE,
    ),
    Note("Not to be recorded. Chat will be saved and shared afterwards.", _ONLINE),
    Note(
        "Four of us around one screen in the conference room. We’ll test the sound at 3.50 so that"
        " we can begin on time.",
        _ONLINE,
    ),
    Note("Hours include half an hour of preparation, as discussed. Travel isn’t counted."),
    Note(
        "What we’d like from the session: one clear thing to start, one to stop, and an honest view"
        " of what we’ve already got."
    ),
    Note(
        "Agreed by message. If anybody is ill, ring before 7.30 and we’ll find another day without"
        " any fuss."
    ),
    Note("Materials to be shared afterwards for use in our school only."),
    Note("For our lead and two colleagues. All three are released for the whole time."),
    Note(
        "Short summary in writing within a week, one page at most. It’s for us and won’t go to"
        " governors unless we both agree."
    ),
    Note("Focus on the second half of the listing. We’re happy with what we do for the first."),
    Note("Date is firm for us: cover is booked."),
    Note(
        "If the hours turn out fewer, please record what was really given. We would rather the"
        " account were right than tidy."
    ),
    Note("Follow-up call of twenty minutes about six weeks later, included in the hours."),
    Note("We’ve three questions, which will reach you by the Monday before.", _ONLINE),
    Note("Please bring printed copies for twelve; we’ll reimburse the paper in cake.", _VISITS),
)

DELIVERED: tuple[Note, ...] = (
    Note("Delivered as agreed. A lovely group, thank you for having us.", _ON_SITE),
    Note("Full session given. Slides and templates have been sent to your lead."),
    Note(
        "Visit went as planned: lessons first, then planning. The written summary will follow by"
        " Friday.",
        _ON_SITE,
    ),
    Note("All done. Your staff asked excellent questions and we overran a little; not counted."),
    Note("Visitors arrived at 8.30 and saw everything on the plan. Come again.", _AT_OURS),
    Note(
        "Given in full. We moved the second part outside because of the heat, and it worked better"
        " there.",
        _VISITS,
    ),
    Note("Both calls held, notes shared after each.", _ONLINE),
    Note("Call held, everyone present. Recording not made, as agreed.", _ONLINE),
    Note(
        "Session held online after a slow start with the sound. The full time was given.", _ONLINE
    ),
    Note(
        "Delivered. We agreed three actions with your team, and I’ve listed them in a message so"
        " that nobody has to remember them."
    ),
    Note("Hours as agreed. Templates are in the shared folder until the end of term."),
    Note("Delivered to eleven staff. One was called away and will have the notes."),
    Note("Feedback given in person to the lead and the head before we left.", _ON_SITE),
    Note("Four visitors, a full morning, and a good argument over lunch.", _AT_OURS),
    Note(
        "Given as planned, except that we swapped the order so that your teachers could get to"
        " their lunch duty.",
        _ON_SITE,
    ),
    Note("Done. Thank you to the pupils who showed us round; they were splendid.", _ON_SITE),
    Note("Preparation and session both complete. The follow-up date is in the diary."),
    Note("Finished on time. I’ve left the materials with your office.", _ON_SITE),
    Note("Delivered to the whole group. Slides can be used again in your own training."),
    Note(
        "All the agreed work has been done and the annotated documents have been returned. Copies"
        " at our end were deleted."
    ),
    Note("We covered everything but the last example, and I’ve written that one up for you."),
    Note("A very good morning. Your visitors’ book has been signed.", _ON_SITE),
    Note("Completed over one afternoon. Our visitors took away two folders and a plant.", _AT_OURS),
    Note("Session given with two of our staff; hours recorded for one, as we agreed."),
    Note("Delivered. We learnt quite a bit as well, so thank you."),
    Note("Held as agreed. Questions that we couldn’t answer on the day are answered by message."),
    Note("The call took exactly as long as planned, which has never happened before.", _ONLINE),
)

DELIVERED_FEWER_HOURS: tuple[Note, ...] = (
    Note("We finished earlier than planned, so I’ve recorded only the time that was given."),
    Note("The last part fell to a fire drill. Hours reduced to match.", _VISITS),
    Note(
        "Your team already knew more than the listing assumes, so we needed less time. Recorded as"
        " it was."
    ),
    Note("Shortened on the day because of an early closure for snow.", _VISITS),
    Note("The connection failed towards the end. I’ve left that part out of the hours.", _ONLINE),
    Note("One of two sessions given; the second isn’t needed after all."),
    Note("A class was out on a trip, so we left out one observation and its feedback.", _ON_SITE),
    Note("Visitors had to leave early for a bus. Recorded to the quarter hour.", _AT_OURS),
)

DECLINE_REASONS: tuple[Note, ...] = (
    Note("We’re sorry, this date clashes with our own training day. Please suggest another."),
    Note("Our lead for this is away until after half-term. Do ask again."),
    Note("We’ve already agreed to two visits that week and can’t release anyone else.", _VISITS),
    Note("It’s further than we can manage in a school day, I’m afraid.", _ON_SITE),
    Note("Thank you for offering, but another school came first. We’d like to keep in touch."),
    Note("That is rather longer than we can give. An hour less and we’d gladly do it."),
    Note("The week of the tests doesn’t work for us. Any time after would be fine."),
    Note("On reflection we think another school would serve you better for this phase."),
    Note("We need to use our hours elsewhere this term. Perhaps in the new school year?"),
    Note("Our room for visitors is out of use while the roof is being repaired.", _AT_OURS),
    Note("Evenings aren’t possible for our staff. Would a lunchtime call do?", _ONLINE),
)

CANCEL_REASONS: tuple[Note, ...] = (
    Note("Our lead is ill and nobody else can do it justice. Sorry for the short notice."),
    Note("Something has come up that needs everybody here this week. Sorry!"),
    Note(
        "A burst pipe has closed part of the building. We’ll be in touch about a new date.", _VISITS
    ),
    Note("The cover that we had booked fell through, so our staff can’t be released."),
    Note("Both schools agreed to wait until the new lead is in post."),
    Note("Snow: we’re closed, and so are the roads.", _VISITS),
    Note("The date now clashes with a governors’ day that we can’t move."),
    Note("Plans have changed on our side and we no longer need this. Thank you for your patience."),
    Note("Train strike on the day. We will propose it again for next month.", _VISITS),
    Note("Our network is down until Thursday at the earliest. Could we begin again?", _ONLINE),
    Note("Our colleague is leaving for a new post sooner than expected."),
)

SEND_BACK_REASONS: tuple[Note, ...] = (
    Note("We make it less time than recorded: we finished before lunch. Could you check?", _VISITS),
    Note(
        "I think this is the booking for next month. The first visit was confirmed already.",
        _VISITS,
    ),
    Note("Only one of the two sessions has taken place so far."),
    Note("The hours seem to include travel, which we agreed not to count.", _ON_SITE),
    Note("The date is out by a week. Everything else is right."),
    Note("Preparation was to be included in the total, I believe, and here it’s on top."),
    Note("The call was cut short and we have yet to hold the second half.", _ONLINE),
    Note("We haven’t had the written summary yet. We’ll confirm as soon as it arrives."),
    Note("Our notes give a different length. Can we talk before I confirm?"),
    Note("The follow-up call hasn’t happened yet; please enter this again afterwards."),
    Note("You came as a pair but we agreed on the hours of one person.", _ON_SITE),
    Note("Our lead was away that day and says that the session was put off. Is this another one?"),
    Note(
        "The visit started an hour late because of the traffic, so the total is too high.", _ON_SITE
    ),
    Note("I believe this should be recorded against our other exchange with you."),
    Note("Nearly right: we stayed for two lessons and not for three.", _AT_OURS),
    Note("The materials that were part of the agreement haven’t reached us."),
)
