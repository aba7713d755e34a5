"""Offers about behaviour, attendance, safeguarding, wellbeing, careers and families."""

from __future__ import annotations

from marketplace.demo.content.listing_text import (
    ANY_SCHOOL,
    SCHOOLS,
    SECONDARY,
    SIXTH_FORM,
    ListingText,
    prose,
)

OFFERS: tuple[ListingText, ...] = (
    ListingText(
        kind="offer",
        title="Routines: see them at eight-thirty",
        description=prose("""
            Good behaviour is mostly choreography. Come at half past eight, stand at the gate with
            our pastoral team, follow a class through line-up, lesson change and lunch, and leave
            at one with a clear picture of what adults say, where they stand and what they let go.

            Up to five visitors; pupils will ask you who you are. We send you away with our
            routines on two sides of paper, and the training slides we use every September and
            again every January.
        """),
        topics=("behaviour", "senior-leadership"),
        phases=("whole-school",),
        suits=("primary", "secondary", "all-through"),
        mode="at_ours",
        minutes=270,
    ),
    ListingText(
        kind="offer",
        title="De-escalation for all staff",
        description=prose("""
            A practical twilight from a setting where it’s daily bread. Reading the signs, saying
            less, giving a way out, and the conversation the morning after. We use short scenes
            played by our staff and stop them whenever you say.

            This session doesn’t include physical intervention and isn’t accredited training.
            Seating in a horseshoe, please; no tables.
        """),
        topics=("behaviour", "mental-health"),
        phases=("whole-school",),
        suits=("special", "secondary", "all-through"),
        mode="on_site",
        minutes=105,
    ),
    ListingText(
        kind="offer",
        title="Rethinking the isolation room",
        description=prose("""
            How long does a pupil stay, who teaches them there, and how do they come back? Our
            assistant head for behaviour will spend two hours with your pastoral leaders on your own
            figures: who goes in, when, from which lessons and what happens next. Then a plan on one
            page.

            We’ve rewritten ours twice and can tell you what each version got wrong. Data without
            names, please, at least a term’s worth.
        """),
        topics=("behaviour", "data"),
        phases=("ks3", "ks4"),
        suits=SECONDARY,
        mode="on_site",
        minutes=135,
    ),
    ListingText(
        kind="offer",
        title="Playground leaders and calmer lunchtimes",
        description=prose("""
            We train a team of Year 5 pupils and your midday supervisors together: zones, games
            that need no kit, settling small quarrels with a script, and what must go straight to
            an adult.

            Pupils in the morning, adults at eleven, everyone live on the playground at twelve.
            We’ll bring bibs. You bring a first-aider and your wet-play plan, in case.
        """),
        topics=("behaviour", "catering"),
        phases=("ks1", "ks2"),
        suits=("primary", "all-through"),
        mode="on_site",
        minutes=225,
    ),
    ListingText(
        kind="offer",
        title="First-day absence, minute by minute",
        description=prose("""
            Our attendance officer opens her register at 8.50 and by 9.40 every unexplained absence
            has been followed up. She’ll show your office and pastoral team exactly how: the order
            of calls, the wording, the codes, when somebody puts a coat on and goes to knock.

            A morning with us starting at 8.30, then an hour on persistent absence letters that
            don’t begin with a threat.
        """),
        topics=("attendance", "office"),
        phases=("whole-school",),
        suits=SCHOOLS,
        mode="at_ours",
        minutes=150,
    ),
    ListingText(
        kind="offer",
        title="Emotionally based avoidance: a pathway",
        description=prose("""
            For pupils who can’t, as distinct from won’t. We share the pathway we use with families:
            noticing early, a first conversation, a plan with very small steps, and a way back in
            that teachers know about.

            Online, with your attendance lead, SENCO and one tutor or class teacher. We’ll work on
            a real situation if you can anonymise it well enough.
        """),
        topics=("attendance", "mental-health"),
        phases=("ks2", "ks3", "ks4"),
        suits=SCHOOLS,
        mode="online",
        minutes=105,
    ),
    ListingText(
        kind="offer",
        title="DSL supervision, one session",
        description=prose("""
            An hour of structured reflective supervision for a designated safeguarding lead, given
            by an experienced lead who has been trained to supervise. Confidential within the usual
            limits. No case names, ever.

            We look at workload, decisions that keep you awake, thresholds, and how you are. Book
            one hour to see whether we suit each other; many leads go on to have one every half
            term.
        """),
        topics=("safeguarding", "mental-health"),
        phases=("whole-school",),
        suits=ANY_SCHOOL,
        mode="online",
        minutes=60,
    ),
    ListingText(
        kind="offer",
        title="Safeguarding audit with fresh eyes",
        description=prose("""
            Two trained leads spend a day in your school. One reads: the single central record,
            policies, a sample of chronologies (with you beside us), training logs, governors’
            minutes. The other walks: reception desk, gates, toilets, corridors, and talks with
            pupils and staff who haven’t been warned.

            We feed back at three o’clock to the head and the link governor, and in writing by the
            end of the week. It’s thorough, and it’s kind. Please book at least a month ahead.
        """),
        topics=("safeguarding", "peer-review"),
        phases=("whole-school",),
        suits=SCHOOLS,
        mode="on_site",
        minutes=390,
    ),
    ListingText(
        kind="offer",
        title="Online safety evening for families",
        description=prose("""
            An hour for parents and carers that’s neither a horror film nor a manual. Games, group
            chats, sleep, money, what to do when it goes wrong. We bring the presentation and the
            handouts, and our online safety lead stays for the questions people would rather ask
            in the corridor.

            Half an hour with your own lead beforehand so that we say what your policy says.
        """),
        topics=("safeguarding", "families", "school-it"),
        phases=("ks2", "ks3"),
        suits=("primary", "secondary", "all-through"),
        mode="on_site",
        minutes=105,
    ),
    ListingText(
        kind="offer",
        title="Mapping your wellbeing support",
        description=prose("""
            Nurture, mentoring, counselling, a dog on Wednesdays: most schools do a great deal and
            can’t see it all in one place. Our senior mental health lead helps yours to draw the
            map, from what everyone gets to what three people get, and to spot the gap in the
            middle.

            Two hours with the people who do the work. Flipchart paper and strong pens.
        """),
        topics=("mental-health", "send"),
        phases=("whole-school",),
        suits=ANY_SCHOOL,
        mode="on_site",
        minutes=120,
    ),
    ListingText(
        kind="offer",
        title="Exam stress workshops, Year 11",
        description=prose("""
            Three back-to-back workshops of forty-five minutes for groups of about thirty, led by
            our school counsellor and a form tutor. Sleep, planning that survives a bad day, what to
            do when the page goes blank, who to tell.

            Tutors sit in so that they can pick it up afterwards. January or after Easter work
            best. Let us know of any pupil who should be given a quiet choice not to attend.
        """),
        topics=("mental-health", "exams"),
        phases=("ks4",),
        suits=SECONDARY,
        mode="on_site",
        minutes=165,
    ),
    ListingText(
        kind="offer",
        title="Talking to parents about RSE",
        description=prose("""
            Consultation needn’t be a siege. Our PSHE lead has run it three times, once badly. In
            an online session she’ll go through the order of events, how to show materials, the
            questions that always come and calm, accurate answers to them.

            We can look over your draft policy first if it reaches us a week before.
        """),
        topics=("pshe", "families"),
        phases=("whole-school",),
        suits=SCHOOLS,
        mode="online",
        minutes=75,
    ),
    ListingText(
        kind="offer",
        title="PSHE: drop-down days to weekly lessons",
        description=prose("""
            You have six drop-down days and a feeling that it isn’t enough. We moved to weekly
            lessons taught by tutors without a riot. Meet our PSHE coordinator and two tutors (one
            a convert, one not yet) for an afternoon at our place and see two lessons.

            You take home: the two-year sequence, a lesson template that a tutor can pick up at
            8.20, and our staff training plan.
        """),
        topics=("pshe", "timetabling"),
        phases=("ks3", "ks4"),
        suits=SECONDARY,
        mode="at_ours",
        minutes=150,
    ),
    ListingText(
        kind="offer",
        title="Borrow our careers fair",
        description=prose("""
            Sixty employers, colleges and training providers come to our hall every spring. Bring
            up to a hundred pupils for a two-hour slot; it costs the exhibitors nothing to see a
            few more faces.

            Our careers leader will meet yours first to prepare pupils, so that they come with
            questions and not only with a bag for the free pens, and shares the contacts afterwards
            with the exhibitors’ consent.
        """),
        topics=("careers",),
        phases=("ks3", "ks4"),
        suits=SECONDARY,
        mode="at_ours",
        minutes=180,
    ),
    ListingText(
        kind="offer",
        title="Mock interviews for Year 10",
        description=prose("""
            A team of four from our teaching and support staff, all briefed, interviews up to
            thirty-two of your Year 10s in a morning, ten minutes each plus written feedback.

            You supply CVs, a hall and a bell. We supply firm handshakes.
        """),
        topics=("careers", "oracy"),
        phases=("ks4",),
        suits=SIXTH_FORM,
        mode="on_site",
        minutes=210,
    ),
    ListingText(
        kind="offer",
        title="Careers for under-elevens",
        description=prose("""
            It starts in Year 2, when they tell you who can and can’t be a plumber. We’ve built a
            week of lessons and visits on what people do all day, tied to the subjects children
            know. An online hour with our lead gives you the plan, the letter to families who might
            come in, and the pitfalls of “wear what you want to be”.
        """),
        topics=("careers", "curriculum"),
        phases=("ks1", "ks2"),
        suits=("primary", "all-through"),
        mode="online",
        minutes=60,
    ),
    ListingText(
        kind="offer",
        title="Coffee mornings that fill up",
        description=prose("""
            Free coffee brings nobody. Somebody’s child on a stage brings everyone. Our family
            liaison team will help you plan a half-term of mornings that parents come back to, with
            topics they’ve chosen, somewhere for toddlers and a reason to stay.

            We come to you, meet a few of your parents if you can gather them, and walk the route
            from the gate to the room. (It’s usually the route.)
        """),
        topics=("families", "attendance"),
        phases=("early-years", "ks1", "ks2"),
        suits=("nursery", "primary", "special", "all-through"),
        mode="on_site",
        minutes=120,
    ),
    ListingText(
        kind="offer",
        title="Difficult meetings with parents",
        description=prose("""
            A rehearsal room for staff who dread the four o’clock appointment. Our deputy plays the
            parent; you have three goes at the opening minute. Calm, funny and more useful than a
            policy.

            Up to ten people. What’s said in the room stays there.
        """),
        topics=("families", "middle-leadership"),
        phases=("whole-school",),
        suits=ANY_SCHOOL,
        mode="on_site",
        minutes=90,
    ),
)
