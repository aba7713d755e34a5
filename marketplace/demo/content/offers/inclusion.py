"""Offers about SEND and inclusion."""

from __future__ import annotations

from marketplace.demo.content.listing_text import (
    ANY_SCHOOL,
    PRIMARY,
    SCHOOLS,
    SECONDARY,
    SIXTH_FORM,
    ListingText,
    prose,
)

OFFERS: tuple[ListingText, ...] = (
    ListingText(
        kind="offer",
        title="SENCO to SENCO: annual reviews",
        description=prose("""
            For a SENCO in the first two years of the job. We’ll sit with you for half a day and
            go through the annual review round from the calendar to the paperwork: who to invite
            and when, getting advice in on time, running the meeting so that the young person is
            actually in it, and what happens to the form afterwards.

            Bring two real plans (names covered) and your calendar. We bring our templates, our
            chasing e-mails and the checklist that lives on our wall.
        """),
        topics=("send", "coaching"),
        phases=("whole-school",),
        suits=SCHOOLS,
        mode="on_site",
        minutes=180,
    ),
    ListingText(
        kind="offer",
        title="Provision maps people use",
        description=prose("""
            If your provision map is a spreadsheet that only you can read, this is for you. On a
            call of an hour and a quarter we rebuild one year group of it together, so that it says
            what happens, for whom, how often, and how anyone would know it helped.

            Please send us the current one first, anonymised. We won’t laugh; ours was in landscape
            on A3 in six-point type.
        """),
        topics=("send", "data"),
        phases=("whole-school",),
        suits=SCHOOLS,
        mode="online",
        minutes=75,
    ),
    ListingText(
        kind="offer",
        title="Sensory circuits, set up together",
        description=prose("""
            A short, active start to the day can settle a child for a whole morning. An experienced
            higher-level teaching assistant from our school will look at your space, build a
            circuit out of what you own, and run it with your staff for two mornings’ worth of
            children in one visit.

            – alerting, organising, calming: what each does and in which order
            – choosing children, and when to stop
            – a record that takes ten seconds

            We need a hall or wide corridor from half past eight.
        """),
        topics=("autism", "send", "support-staff"),
        phases=("early-years", "ks1", "ks2"),
        suits=("special", "primary"),
        mode="on_site",
        minutes=150,
    ),
    ListingText(
        kind="offer",
        title="Special school outreach visit",
        description=prose("""
            Worried about one pupil? Two of our staff will observe for part of a morning, meet
            those who work with the pupil and agree a small number of things to try. We look at
            communication, environment and what the day is like from the pupil’s chair.

            Parents’ written consent is needed in advance, and we ask for the plan or profile you
            are working from. You’ll have our notes within the week and a call a month later.

            This isn’t an assessment and can’t be used as professional advice for a plan, though
            schools have found that it helps them to ask better questions.
        """),
        topics=("send", "autism"),
        phases=("special", "whole-school"),
        suits=("special",),
        mode="on_site",
        minutes=180,
    ),
    ListingText(
        kind="offer",
        title="Autism: a walk round your school",
        description=prose("""
            We walk the site as an autistic pupil might: arrival, corridors at changeover, the
            dining hall, a supply lesson, the end of the day. Then we sit down with your SENCO and
            whoever looks after the building and list what could change by Monday, by the summer,
            and only with money.

            Pupils who would like to guide part of the walk are the best help of all.
        """),
        topics=("autism", "premises"),
        phases=("whole-school",),
        suits=("primary", "secondary", "all-through", "special", "16 plus"),
        mode="on_site",
        minutes=165,
    ),
    ListingText(
        kind="offer",
        title="Girls, masking and autism",
        description=prose("""
            “She’s fine in school.” An online session for pastoral and class staff about the pupils
            who hold it together until the car door closes. What masking looks like by age, what
            families tell us, what helps, and how to write it down so that others believe it.

            Case studies are composites. Cameras optional, questions by chat welcome.
        """),
        topics=("autism", "families"),
        phases=("ks2", "ks3", "ks4"),
        suits=SCHOOLS,
        mode="online",
        minutes=75,
    ),
    ListingText(
        kind="offer",
        title="Signing for busy classrooms",
        description=prose("""
            Fifty signs that make a class run: the day, the feelings, the food, the instructions.
            Our signing lead teaches them to your whole staff over two sessions of an hour, with a
            fortnight in between to practise, and films for anybody who was on duty.

            Kitchen staff, midday supervisors and the office are especially welcome. Children learn
            quicker than adults, so we end by having some teach you.
        """),
        topics=("speech-language", "support-staff"),
        phases=("early-years", "ks1", "special"),
        suits=("special", "primary", "nursery"),
        mode="on_site",
        minutes=120,
    ),
    ListingText(
        kind="offer",
        title="Language screening in Reception",
        description=prose("""
            Four years of screening every child’s language in the first half term has taught us
            which tool to use, what to do with the middle group and how to avoid swamping the
            speech and language service with referrals.

            We offer a twilight visit: half an hour on the screen itself, half an hour on small
            groups that a teaching assistant can run, and half an hour planning your September.
        """),
        topics=("speech-language", "early-years"),
        phases=("early-years",),
        suits=("nursery", "primary", "all-through"),
        mode="on_site",
        minutes=90,
    ),
    ListingText(
        kind="offer",
        title="New arrivals: the first six weeks",
        description=prose("""
            A family arrives on Tuesday, with three children and no English. Our EAL coordinator
            will help you write your own plan for the next time that happens: admission meeting
            with an interpreter, buddy, first timetable, assessment in the home language, and how
            to tell when silence is fine and when it’s not.

            Half a day, including a walk through lessons to see what a beginner could already join
            in with. Welcome materials in eleven languages come with us.
        """),
        topics=("eal", "starting-school"),
        phases=("whole-school",),
        suits=SCHOOLS,
        mode="on_site",
        minutes=180,
    ),
    ListingText(
        kind="offer",
        title="EAL in secondary science",
        description=prose("""
            A science teacher and an EAL specialist plan two lessons with your department: key
            verbs, sentence frames for conclusions, diagrams doing the work of paragraphs, and
            practicals where nobody can hide behind a partner.

            We’d like to teach one of them with you. Choose a topic three or four weeks ahead and
            send a page from the textbook.
        """),
        topics=("eal", "science"),
        phases=("ks3", "ks4"),
        suits=SECONDARY,
        mode="on_site",
        minutes=210,
    ),
    ListingText(
        kind="offer",
        title="Pupil premium strategy, stress-tested",
        description=prose("""
            Send us your draft statement and we’ll read it as a critical friend would: does each
            pound have a reason, does each reason have evidence, would a governor understand it,
            and would a pupil notice?

            Written comments first, then a call with your lead and, if you can, the link governor.
            We also show you ours with last year’s mistakes marked in red.
        """),
        topics=("disadvantage", "governance"),
        phases=("whole-school",),
        suits=SCHOOLS,
        mode="online",
        minutes=150,
    ),
    ListingText(
        kind="offer",
        title="The real cost of a school day",
        description=prose("""
            Uniform, trips, ingredients, World Book Day, the charger that has to be bought. We went
            through a school year adding up what families are asked for, then took things away.

            Come for a morning and do the same exercise for your own school with our pastoral team
            and two of our parent volunteers. You go home with a costed calendar and a list to take
            to your leadership team. Bring your uniform list and your trips letter folder.
        """),
        topics=("disadvantage", "families"),
        phases=("whole-school",),
        suits=SCHOOLS,
        mode="at_ours",
        minutes=180,
    ),
    ListingText(
        kind="offer",
        title="Stretch for Year 5 mathematicians",
        description=prose("""
            Six Saturday-style maths circles, held on weekday afternoons. Up to eight of your Year 5
            or Year 6 pupils join ours and some of our Year 9s around one rich problem. No
            worksheets, plenty of wrong turns.

            This booking is for one afternoon and the briefing beforehand; book again if it suits
            you. A teacher stays with your group, and usually gets hooked.
        """),
        topics=("high-attainers", "maths"),
        phases=("ks2",),
        suits=SECONDARY,
        mode="at_ours",
        minutes=120,
    ),
    ListingText(
        kind="offer",
        title="Interviews for competitive courses",
        description=prose("""
            Mock interviews for medicine, veterinary science, law and the most selective
            universities, with staff who’ve never met your students. That is the point: it should
            feel odd.

            Three students a morning, forty minutes each with written feedback, followed by a
            half-hour conversation with your head of sixth form about patterns we saw. Personal
            statements or the equivalent a week ahead, please.
        """),
        topics=("high-attainers", "careers"),
        phases=("post-16",),
        suits=SIXTH_FORM,
        mode="online",
        minutes=180,
    ),
    ListingText(
        kind="offer",
        title="Access arrangements, from referral to form",
        description=prose("""
            Our assessor and our exams officer come as a pair, because this job falls down the gap
            between the two. We review a handful of your files against the current regulations,
            show how we gather evidence of normal way of working from teachers, and set up a
            timeline that starts in Year 9 and not in February of Year 11.

            We don’t test pupils on this visit. Please have your centre’s policy and five to ten
            files ready, and both of your people free.
        """),
        topics=("exams", "send"),
        phases=("ks4", "post-16"),
        suits=SIXTH_FORM,
        mode="on_site",
        minutes=240,
    ),
    ListingText(
        kind="offer",
        title="Adaptive teaching, one lesson at a time",
        description=prose("""
            Forget three worksheets. In this staff meeting we take one ordinary lesson from your
            school and adapt it out loud: what to pre-teach, what to scaffold, what to leave alone,
            and how to take the scaffold away again.

            Please give us the lesson a week before, along with a sentence about four real (unnamed)
            pupils. Teaching assistants should come: they know most.
        """),
        topics=("send", "curriculum"),
        phases=("ks1", "ks2"),
        suits=(*PRIMARY, "special"),
        mode="on_site",
        minutes=90,
    ),
    ListingText(
        kind="offer",
        title="Working with an interpreter",
        description=prose("""
            A forty-five-minute call for office, pastoral and SEND staff: when to book one, why not
            to ask a sibling, how to brief, how to speak, and how to check that you’ve been
            understood. Run by our family liaison officer, who has sat on both sides of the table.
        """),
        topics=("eal", "families"),
        phases=("whole-school",),
        suits=ANY_SCHOOL,
        mode="online",
        minutes=45,
    ),
)
