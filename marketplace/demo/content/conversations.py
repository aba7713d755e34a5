"""Short conversations about a listing, between a school that asks and the one that posted it."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.demo.content.listing_text import MODES, ListingKind, Mode


@dataclass(frozen=True, slots=True)
class ConversationText:
    """What two schools wrote to each other about a listing of this ``kind`` and these ``modes``.

    The asking school writes first and the schools take turns. The messages may hold the
    placeholders {topic}, {title}, {our_school} (who writes) and {their_school} (who reads).
    """

    kind: ListingKind
    messages: tuple[str, ...]
    modes: tuple[Mode, ...] = MODES

    def between(
        self, asking_school: str, posting_school: str, *, title: str, topic: str
    ) -> tuple[str, ...]:
        """The messages in order, filled in; ``topic`` is the topic’s name."""
        schools = (asking_school, posting_school)
        return tuple(
            message.format(
                title=title,
                topic=in_sentence(topic),
                our_school=schools[turn % 2],
                their_school=schools[(turn + 1) % 2],
            )
            for turn, message in enumerate(self.messages)
        )


def in_sentence(topic_name: str) -> str:
    """The topic’s name as it stands in mid-sentence: “phonics”, but “English” and “SEND”."""
    first_word = topic_name.split(maxsplit=1)[0]
    if first_word == "English" or not first_word[1:].islower():
        return topic_name
    return topic_name[0].lower() + topic_name[1:]


_ABOUT_OFFERS: tuple[ConversationText, ...] = (
    ConversationText(
        kind="offer",
        messages=(
            "Hello from {our_school}. We’re interested in “{title}” for after half-term. Do you"
            " have any dates in the second or third week back? Tuesdays or Thursdays suit us best.",
            "Hello, and thank you for asking. Thursday of the second week is free all day. Would"
            " that work? If so, just propose it with the hours you’d like and I’ll agree it.",
            "It would. I’ll propose it this afternoon.",
        ),
    ),
    ConversationText(
        kind="offer",
        messages=(
            "Could you say a bit more about who this is for? Our lead has been doing the job for"
            " six years, so she isn’t a beginner.",
            "Then she’ll probably enjoy it more than most. With experienced people we skip the"
            " first part and spend the time on whatever is puzzling them at the moment. Ask her"
            " for two questions in advance and we’ll build it round those.",
            "Perfect, that’s exactly what she hoped. Two questions coming (she has seven).",
            "Seven is fine. We may need to come back.",
        ),
    ),
    ConversationText(
        kind="offer",
        modes=("on_site",),
        messages=(
            "We’d love to book this. Practical question: parking here is dreadful before nine."
            " Could you start at half past nine?",
            "Half past nine is better for us too, because of the school run. See you then, and"
            " thanks for warning us.",
        ),
    ),
    ConversationText(
        kind="offer",
        modes=("on_site",),
        messages=(
            "Good morning. How far would you travel for “{title}”? We’re about fifty minutes from"
            " you on a good day.",
            "Fifty minutes is all right if we can make it a full session. Travel isn’t counted in"
            " the hours, but we would ask for a late start.",
            "Of course. And we can cover our people until three, so no hurry at the end.",
            "Good. Then let’s do it. Please propose a date from the 10th onwards.",
        ),
    ),
    ConversationText(
        kind="offer",
        modes=("at_ours",),
        messages=(
            "Would you mind five visitors rather than four? We have a student teacher who would"
            " learn a great deal from coming.",
            "Five is fine, and student teachers are always welcome. Please send us the names for"
            " the front desk and ask everybody to bring photo identification.",
            "Will do, thank you. Does anyone need to know about a mild nut allergy?",
            "Yes please, mention it with the names and I’ll tell the kitchen.",
        ),
    ),
    ConversationText(
        kind="offer",
        modes=("at_ours",),
        messages=(
            "Is your site accessible for a wheelchair user? One of our visitors uses a powered"
            " chair.",
            "Mostly. The main building is on one level and the lift in the other block works. The"
            " one place we can’t reach is the top field. I’ll plan the route so that it’s not"
            " needed.",
            "That’s really thoughtful, thank you. I’ll propose the Wednesday.",
        ),
    ),
    ConversationText(
        kind="offer",
        modes=("online",),
        messages=(
            "Can we record the session for colleagues who are teaching at the time?",
            "Yes, as long as it stays within your staff and you delete it at the end of term. We’ll"
            " stop the recording for questions, since people are franker then.",
            "Very sensible. Thanks.",
        ),
    ),
    ConversationText(
        kind="offer",
        modes=("online",),
        messages=(
            "Which platform do you use? Ours blocks one or two of them.",
            "Whichever you can open. If you send the invitation from your side there’s nothing"
            " to unblock. I’ll need to share my screen.",
            "I’ll send it from ours, with screen sharing on for guests. Four o’clock on the 14th?",
            "Four on the 14th, lovely.",
        ),
    ),
    ConversationText(
        kind="offer",
        messages=(
            "We’re interested, but our budget of credits is tight until we’ve delivered something"
            " ourselves. Could it be done in a shorter version?",
            "It could. The last part is the one that can go, and it would save about an hour. Or"
            " look at our requests: if you could help with one of those, we’d be even.",
            "I’ve looked, and I think we can help you with one of them. Let me ask a colleague and"
            " come back to you this week.",
            "Do! No rush at our end.",
        ),
    ),
    ConversationText(
        kind="offer",
        messages=(
            "Does it matter that we do this quite differently at the moment? We changed last year"
            " and people are still finding their feet.",
            "Not at all. If anything it’s a good moment, because nobody has bad habits yet.",
        ),
    ),
    ConversationText(
        kind="offer",
        messages=(
            "Hi. Two schools in our group would like to share this. Is that possible, and would the"
            " hours be split?",
            "Happy to have both of you. One school should make the booking and take the hours; how"
            " you settle between you is up to you. We’d keep it to about a dozen people.",
            "Understood. We’ll book it and they’ll owe us a favour.",
        ),
    ),
    ConversationText(
        kind="offer",
        messages=(
            "Just to check before I take this to my head: what would we need to prepare?",
            "Very little. A room, the right people freed for the whole time, and the two or three"
            " documents named in the listing. Please don’t make anything specially. We would rather"
            " see things as they are.",
            "Music to my ears.",
        ),
    ),
    ConversationText(
        kind="offer",
        messages=(
            "Only a handful of us could be free at the same time. Will it still make sense?",
            "I think so. The principle is the same, and small groups usually get further. Tell me"
            " how many would come and I’ll adjust the examples.",
            "Five, counting me.",
            "Then we’ll sit round one table. I look forward to it.",
        ),
    ),
    ConversationText(
        kind="offer",
        messages=(
            "I’m writing on behalf of our governors, who have asked what we would get out of this"
            " and how we’d know. A fair question! What do schools usually see?",
            "A fair question indeed. Straight away: people know what they’ll do differently on"
            " Monday. After about a term, you should see it in lessons without looking for it."
            " We’ll agree one thing to look for at the end, and you can hold us to it.",
            "That’s a better answer than I was expecting. I’ll propose dates once they’ve met.",
        ),
    ),
    ConversationText(
        kind="offer",
        modes=("on_site",),
        messages=(
            "Would you be able to do this on our INSET day? It’s the Monday after the holiday.",
            "I’m afraid that’s our INSET day too, like half the county. Could it be a twilight the"
            " same week?",
            "Wednesday from 3.30, then? We can offer sandwiches.",
            "Sold. Egg and cress, please.",
        ),
    ),
    ConversationText(
        kind="offer",
        messages=(
            "We booked something similar elsewhere last year and it was mostly slides. How"
            " practical is yours?",
            "There are four slides. One is the title.",
            "You’ve convinced me.",
        ),
    ),
    ConversationText(
        kind="offer",
        messages=(
            "Hello, our new lead for {topic} starts after Easter. Can this wait until then, or will"
            " you be full?",
            "It can wait. I’ve pencilled you in for the first fortnight; propose an exact date once"
            " you know their timetable. If it isn’t confirmed by the end of this term I’ll let the"
            " slot go.",
            "Thank you, that’s generous. You’ll hear from us before then.",
        ),
    ),
    ConversationText(
        kind="offer",
        messages=(
            "Is this suitable for staff who work with pupils with additional needs? A few of"
            " ours do, and I wouldn’t want them to sit through something that’s not for them.",
            "Good question. About two-thirds applies as it stands. For the rest I’d ask our SENCO"
            " to join us, if you can live with two people instead of one for the same hours.",
            "Two people for the same hours is not a hardship. Yes please.",
        ),
    ),
    ConversationText(
        kind="offer",
        modes=("on_site", "at_ours"),
        messages=(
            "Our safeguarding lead asks whether your visitors have DBS checks and whether pupils"
            " would be named in any notes.",
            "All our staff are checked and we can send a letter of assurance. No pupil is named in"
            " anything we write, and no photographs are taken.",
            "Thank you, that’s all she needed.",
        ),
    ),
    ConversationText(
        kind="offer",
        messages=(
            "Would the same person come who wrote the listing? Somebody at another school spoke"
            " very highly of them.",
            "That’s kind. Yes, unless there’s an emergency here, in which case we would ring and"
            " find another day rather than send somebody else.",
        ),
    ),
    ConversationText(
        kind="offer",
        messages=(
            "I see that you help with {topic}. Our interest is narrower than the listing: really"
            " just the first part of it. May we book an hour and a half?",
            "Of course, make it what you need. Propose ninety minutes and say in the details which"
            " part. We’d rather do a third of it well.",
            "Done – it should be in your list now.",
            "Seen and agreed. Until then!",
        ),
    ),
    ConversationText(
        kind="offer",
        messages=(
            "Sorry for the late reply, reports. Are you still offering this in the summer term?",
            "Reports: we understand. Yes, until the second week of July, and it’s quieter for us"
            " then.",
            "Then let’s say the last week of June. I’ll propose the Tuesday.",
        ),
    ),
)

_ABOUT_REQUESTS: tuple[ConversationText, ...] = (
    ConversationText(
        kind="request",
        messages=(
            "Hello from {our_school}. We saw “{title}” and think we can help. We’ve a colleague"
            " who has worked on {topic} for several years and enjoys working with other schools."
            " What would you most like to come away with?",
            "That’s great news. Honestly, confidence. And two or three things we can do straight"
            " away without buying anything.",
            "That’s very much her style. Shall I suggest some dates?",
            "Please. Mornings are better than afternoons.",
        ),
    ),
    ConversationText(
        kind="request",
        messages=(
            "We might be able to do this. Has anyone offered yet?",
            "One school has asked a question, but nothing is settled. If you have somebody in mind,"
            " we would like to hear more.",
            "Our assistant head. She did the same thing here two years ago and remembers what was"
            " hard about it. I’ll post a proposal today.",
        ),
    ),
    ConversationText(
        kind="request",
        modes=("on_site",),
        messages=(
            "Happy to come to you. Could the visit end by one, so that our teacher is back for her"
            " own class in the afternoon?",
            "Certainly, we’ll start with what you need to see and keep the talking for the end. Is"
            " half past eight too early?",
            "Not for her. She’s always here at seven.",
        ),
    ),
    ConversationText(
        kind="request",
        modes=("at_ours",),
        messages=(
            "You’d be welcome to visit us. We can take up to three people. Would you rather see a"
            " typical day or one when the whole team is free to talk?",
            "Typical, please, as long as there’s somebody to answer questions for half an hour.",
            "Typical it is. Somebody will be found.",
        ),
    ),
    ConversationText(
        kind="request",
        modes=("online",),
        messages=(
            "We could do this online over two shorter calls rather than one long one. It gives you"
            " time to try something in between. Any good?",
            "Better than what we asked for. Could they be two or three weeks apart?",
            "Yes. I’ll propose the whole as one exchange and put both dates into the details.",
        ),
    ),
    ConversationText(
        kind="request",
        messages=(
            "Before we offer: how many staff is this for, and how much do they know already?",
            "Between six and ten, depending on cover. A mixture: two know a great deal, some know a"
            " little, and one has told me she’s terrified.",
            "Then we’ll plan for the one who’s terrified. That usually suits everyone.",
            "Thank you. I’ll tell her, tactfully.",
        ),
    ),
    ConversationText(
        kind="request",
        messages=(
            "We can help with part of this but not with all of it. We know the first half"
            " well and would be guessing at the second. Is that of use?",
            "Half would be a good start. Let’s agree that, and I’ll leave the request open for the"
            " rest.",
        ),
    ),
    ConversationText(
        kind="request",
        messages=(
            "I’d be glad to do this for you. I’ve been in the role for eleven years and made most"
            " of the mistakes. Is there anything you want me to look at in advance?",
            "Thank you so much. I’ll send one document, and am resisting the temptation to tidy it"
            " first.",
            "Please do resist. See you soon.",
        ),
    ),
    ConversationText(
        kind="request",
        messages=(
            "Your request for help with {topic} is still open. Is it still needed?",
            "It is. We had someone lined up, but they have had to drop out, so you’ve caught us at"
            " the right time.",
            "Then expect a proposal from {our_school} by the end of the day.",
            "You’ve made my Friday.",
        ),
    ),
    ConversationText(
        kind="request",
        messages=(
            "How fixed is the length? We think it needs about an hour more than you’ve put, if it’s"
            " to be worth your people’s time.",
            "I wondered about that. We have the credits. Propose what you think is right.",
            "I’ve added an hour. If we finish early we’ll record less.",
        ),
    ),
    ConversationText(
        kind="request",
        messages=(
            "We’ve never given help to another school before, and I don’t know if we’re good"
            " enough, but this is something that we do well. Would you consider a first-timer?",
            "We’d be delighted. We’re after people who do it every day and not a polished show."
            " Whatever you’d tell a new colleague is what we want to hear.",
            "Then yes. I’ll bring the colleague who’d do the telling.",
        ),
    ),
    ConversationText(
        kind="request",
        modes=("on_site",),
        messages=(
            "We could send two people in place of one, the leader and a teaching assistant, as they"
            " run it together. The hours would be for one. Is there room?",
            "There’s room and there’s lunch. Ours will be thrilled to meet a teaching assistant who"
            " leads something.",
        ),
    ),
    ConversationText(
        kind="request",
        messages=(
            "Would you want somebody from your own phase, or does it not matter? We’re at the other"
            " end of the age range.",
            "It doesn’t matter, and it could even be an advantage: we’ve heard how our neighbours"
            " do it.",
            "In that case let me talk to our lead. If she’s keen, you’ll have a proposal on"
            " Monday.",
        ),
    ),
    ConversationText(
        kind="request",
        messages=(
            "Hello, I’m afraid this one’s not for us, but I know a school that does it very well."
            " May I pass on your listing to them?",
            "Please do, thank you. They can write to us here.",
        ),
    ),
    ConversationText(
        kind="request",
        messages=(
            "We’d like to help. Only one thing: could it wait until after half-term? We’re short of"
            " people until then.",
            "After half-term is fine, we’d be in no state to listen before then either.",
            "Second week back, then. I’ll propose the Thursday.",
            "Agreed, in pencil and now in pen.",
        ),
    ),
)

CONVERSATIONS: dict[ListingKind, tuple[ConversationText, ...]] = {
    "offer": _ABOUT_OFFERS,
    "request": _ABOUT_REQUESTS,
}


def conversations_about(kind: ListingKind, mode: Mode) -> tuple[ConversationText, ...]:
    """The conversations that could be about a listing of this kind in this mode."""
    return tuple(text for text in CONVERSATIONS[kind] if mode in text.modes)
