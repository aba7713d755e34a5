"""Requests about inclusion, pastoral care, leadership, governance and running a school."""

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

REQUESTS: tuple[ListingText, ...] = (
    ListingText(
        kind="request",
        title="Autism-friendly classrooms: advice on site",
        description=prose("""
            Would a special school or a resource base send somebody to walk round with our SENCO for
            a morning and talk with staff for an hour afterwards? We’d like to look at classrooms,
            corridors and the dining hall through an autistic pupil’s eyes.

            We’re ready to take displays down.
        """),
        topics=("autism", "send"),
        phases=("whole-school",),
        suits=("primary", "secondary", "all-through"),
        mode="on_site",
        minutes=210,
    ),
    ListingText(
        kind="request",
        title="SENCO, first year, would like company",
        description=prose("""
            Our SENCO started in September and is on the qualification. What she lacks is a person
            to ring. We’d like to book three hours with an experienced SENCO, used in half hours as
            and when, online or by phone, over about a term.

            Someone in a school of about our kind would be best. No need to be in the same
            authority; sometimes it’s easier if not.
        """),
        topics=("send", "npq"),
        phases=("whole-school",),
        suits=ANY_SCHOOL,
        mode="online",
        minutes=180,
    ),
    ListingText(
        kind="request",
        title="Sharing a speech and language group",
        description=prose("""
            Do any schools nearby run a language group that works? We’d like two teaching assistants
            to watch it, see the planning and ask how you fit it in before lunch. We have a similar
            number of children who need it and no tradition of doing it.

            In return our teaching assistants can show yours our outdoor maths.
        """),
        topics=("speech-language", "support-staff"),
        phases=("early-years", "ks1"),
        suits=("nursery", "primary", "all-through"),
        mode="at_ours",
        minutes=120,
    ),
    ListingText(
        kind="request",
        title="EAL assessment: which and when?",
        description=prose("""
            When pupils arrive with little English, we want their first timetable to reflect what
            they know and not only what they can say. Looking for an EAL lead to help our heads of
            year and our data manager agree on a simple way to assess, place and review. One
            meeting, perhaps two.

            Please bring the form you use, even if you’ve stopped believing in it.
        """),
        topics=("eal", "assessment"),
        phases=("ks3", "ks4"),
        suits=SECONDARY,
        mode="on_site",
        minutes=150,
    ),
    ListingText(
        kind="request",
        title="Pupil premium: a critical friend",
        description=prose("""
            We’re about to write the next three-year statement. Before we do, could another
            school’s lead read the present one, visit for a half day and ask us what we’d keep,
            what we’d stop and how we would know?

            You would talk with our lead, two class teachers or tutors and a group of pupils. The
            link governor would like to join for the last half hour.
        """),
        topics=("disadvantage", "peer-review"),
        phases=("whole-school",),
        suits=SCHOOLS,
        mode="on_site",
        minutes=210,
    ),
    ListingText(
        kind="request",
        title="Stretching the most able in Year 9",
        description=prose("""
            We would like to bring three heads of department to see how another school keeps its
            strongest Year 9 pupils thinking hard in mixed classes. A morning of lessons and a chat
            with the pupils themselves.
        """),
        topics=("high-attainers",),
        phases=("ks3",),
        suits=SECONDARY,
        mode="at_ours",
        minutes=180,
    ),
    ListingText(
        kind="request",
        title="Behaviour policy: read it like a parent",
        description=prose("""
            A long document that grew a paragraph every summer. We’d like a colleague from another
            school to read ours as a parent might, tell us what they’d think of us, and help us to
            cut it to three pages. An hour and a half online once you’ve had it for a week.

            Bonus points if you can get rid of the word “consequences”.
        """),
        topics=("behaviour",),
        phases=("whole-school",),
        suits=SCHOOLS,
        mode="online",
        minutes=90,
    ),
    ListingText(
        kind="request",
        title="Lunchtimes: help us calm them down",
        description=prose("""
            We’ve a new midday team, a new rota and the chance to begin again with lunchtimes. Come
            and watch one with us, talk to the team (they’re full of ideas) and help us choose the
            two or three things to try first.

            Lunch is on us, naturally.
        """),
        topics=("behaviour", "catering"),
        phases=("ks1", "ks2"),
        suits=PRIMARY,
        mode="on_site",
        minutes=150,
    ),
    ListingText(
        kind="request",
        title="De-escalation training, INSET day",
        description=prose("""
            Ninety minutes for about fifty adults on our next INSET day, from people who do it for a
            living. Teachers, support staff, office and site team together. We’d prefer stories and
            practice to slides.

            Date already fixed, so please ask before you offer. Hall, screen and microphone
            provided.
        """),
        topics=("behaviour", "mental-health"),
        phases=("whole-school",),
        suits=("primary", "secondary", "all-through"),
        mode="on_site",
        minutes=90,
    ),
    ListingText(
        kind="request",
        title="Attendance of our youngest",
        description=prose("""
            Nursery and Reception are where habits start. How do you talk to families about coming
            every day when it isn’t compulsory yet? We’d value an hour with a school that has found
            a tone that works, and sight of your letters.

            Our family worker would join the call, together with one of the Reception teachers.
        """),
        topics=("attendance", "families"),
        phases=("early-years", "ks1"),
        suits=("nursery", "primary"),
        mode="online",
        minutes=60,
    ),
    ListingText(
        kind="request",
        title="Persistent absence in Year 10",
        description=prose("""
            We’d like your attendance lead and ours to sit down for half a day with a dozen
            anonymised summaries, each a different story, and come out with a dozen next steps.
            Somebody who has moved past letters and rewards would be perfect.
        """),
        topics=("attendance", "mental-health"),
        phases=("ks4",),
        suits=SECONDARY,
        mode="on_site",
        minutes=195,
    ),
    ListingText(
        kind="request",
        title="Supervision for our DSL",
        description=prose("""
            We’d like to arrange an hour of professional supervision for our designated safeguarding
            lead with a trained colleague who doesn’t work with us day to day, and if it goes well a
            regular slot each half term.

            Daytime is easier than after school. A trained supervisor, please, and someone with
            current experience of the role.
        """),
        topics=("safeguarding",),
        phases=("whole-school",),
        suits=ANY_SCHOOL,
        mode="online",
        minutes=60,
    ),
    ListingText(
        kind="request",
        title="Single central record: second pair of eyes",
        description=prose("""
            Our new office manager is taking over the record and would like to learn it from someone
            who knows the requirements well: reading a sample of entries together, and the unusual
            cases (volunteers, governors, contractors, overseas checks). Half a morning here.
        """),
        topics=("safeguarding", "office"),
        phases=("whole-school",),
        suits=ANY_SCHOOL,
        mode="on_site",
        minutes=120,
    ),
    ListingText(
        kind="request",
        title="RSE lessons, watched and discussed",
        description=prose("""
            We would like to visit a school where a trained team teaches relationships and sex
            education, watch a lesson or two with the pupils’ agreement, and compare notes on what
            we answer, what we park and what we pass on. Two tutors and our PSHE lead.

            Tuesday to Thursday, any week but the first of a half-term.
        """),
        topics=("pshe",),
        phases=("ks3", "ks4"),
        suits=SECONDARY,
        mode="at_ours",
        minutes=135,
    ),
    ListingText(
        kind="request",
        title="Careers leader seeks employer contacts",
        description=prose("""
            We’re short of employers in health, engineering and the creative industries. If your
            school has good links, might ours share an event, or could your careers leader spend an
            hour with ours on how you found and kept them?
        """),
        topics=("careers",),
        phases=("ks3", "ks4", "post-16"),
        suits=SIXTH_FORM,
        mode="online",
        minutes=60,
    ),
    ListingText(
        kind="request",
        title="Supported internships: learn from yours",
        description=prose("""
            Several of our leavers could work with the right start. We’re looking for a provider
            that already runs supported internships or work placements for young people with
            learning difficulties, to visit with two staff and a parent governor.

            We’d especially like to meet an employer and a job coach, if they can spare ten minutes.
        """),
        topics=("careers", "send"),
        phases=("special", "post-16"),
        suits=("special",),
        mode="at_ours",
        minutes=180,
    ),
    ListingText(
        kind="request",
        title="Curriculum review: foundation subjects",
        description=prose("""
            It’s the foundation subjects’ turn. We’d welcome a curriculum lead for a day to look at
            two of them with their leaders, top to bottom, and say where to begin. We’d choose
            geography and art, but could be talked into others.

            The two leaders will be free all day, and have asked for straight answers.
        """),
        topics=("curriculum", "peer-review"),
        phases=("ks1", "ks2"),
        suits=PRIMARY,
        mode="on_site",
        minutes=360,
    ),
    ListingText(
        kind="request",
        title="Coaching for two new middle leaders",
        description=prose("""
            One leads science, one leads Year 8, and both are new to leading adults. We’d like a
            coach from another school, a real middle leader and not a consultant, for an hour each,
            twice.

            After school, online, dates to suit the coach. We’ll stay out of it completely: no
            reports back to us.
        """),
        topics=("middle-leadership", "coaching"),
        phases=("ks3", "ks4"),
        suits=SECONDARY,
        mode="online",
        minutes=240,
    ),
    ListingText(
        kind="request",
        title="Buddy head for a new headteacher",
        description=prose("""
            First headship, started in January, good team, long list. A few hours with a head who’s
            been through it would be worth more than any course. Happy to travel. I’d most like to
            talk about staffing structure and how to stop doing my old job.

            A walk would be fine. So would a café.
        """),
        topics=("senior-leadership",),
        phases=("whole-school",),
        suits=ANY_SCHOOL,
        mode="at_ours",
        minutes=180,
    ),
    ListingText(
        kind="request",
        title="Governor training: asking better questions",
        description=prose("""
            We have several new governors. We’d like an hour and a half, one evening, from a chair
            or a governance professional who can show what good challenge sounds like and how to
            make it welcome. About nine people, tea and sandwiches from six.
        """),
        topics=("governance",),
        phases=("whole-school",),
        suits=ANY_SCHOOL,
        mode="on_site",
        minutes=90,
    ),
    ListingText(
        kind="request",
        title="Independent panel member, occasional",
        description=prose("""
            We sometimes need an experienced governor from another school to sit on a complaint or
            exclusion panel where ours are too close to it. We’re asking for one panel: reading,
            the hearing and the letter. Our clerk does the paperwork.

            Training in the last two years is a must, and so is a steady temper.
        """),
        topics=("governance",),
        phases=("whole-school",),
        suits=SCHOOLS,
        mode="on_site",
        minutes=300,
    ),
    ListingText(
        kind="request",
        title="Mocks: how do you organise them?",
        description=prose("""
            Mock exams swallow a good deal of teaching time in any school. An exams officer and a
            senior leader from one that does them neatly could help us plan next year’s, in a
            two-hour call with your calendar on screen and ours.
        """),
        topics=("exams", "assessment"),
        phases=("ks4", "post-16"),
        suits=SECONDARY,
        mode="online",
        minutes=120,
    ),
    ListingText(
        kind="request",
        title="ECT in a subject of one",
        description=prose("""
            We have an early career teacher who’s the only teacher of her subject here (music). Her
            mentor is kind but teaches maths. Could she spend a day with a specialist elsewhere,
            watch lessons and plan a unit with someone who knows what a good one sounds like?

            We’ll cover her whole day, and her mentor’s as well if he may come along for the
            morning.
        """),
        topics=("ect-mentoring", "music"),
        phases=("ks3",),
        suits=SECONDARY,
        mode="at_ours",
        minutes=360,
    ),
    ListingText(
        kind="request",
        title="Timetabler retiring: teach the next one",
        description=prose("""
            After nineteen years ours is leaving at the end of the summer, and his successor would
            like a second teacher besides him. Two half days with a timetabler elsewhere, one in
            March on the model, one in June on the build. We’ll come to you.
        """),
        topics=("timetabling",),
        phases=("ks3", "ks4"),
        suits=SECONDARY,
        mode="at_ours",
        minutes=360,
    ),
    ListingText(
        kind="request",
        title="Three-year forecast: check my sums",
        description=prose("""
            School business manager, first year, forecast due to governors at the end of the month.
            I’d be grateful for two hours of a more experienced SBM’s time to check my assumptions
            before I stand up and defend them.

            I can send the workbook without names of staff. Evenings are fine.
        """),
        topics=("finance",),
        phases=("whole-school",),
        suits=ANY_SCHOOL,
        mode="online",
        minutes=120,
    ),
    ListingText(
        kind="request",
        title="Site manager to walk round with ours",
        description=prose("""
            Our caretaker has just been promoted to site manager. We’d like a site manager from
            another school to spend half a day with him setting up a calendar of checks and a
            folder to match. Steel toe-caps not needed.
        """),
        topics=("premises",),
        phases=("whole-school",),
        suits=ANY_SCHOOL,
        mode="on_site",
        minutes=210,
    ),
    ListingText(
        kind="request",
        title="Moving to a new MIS",
        description=prose("""
            We change management information system in the summer. If you have done it in the last
            two years, what do you wish you’d known? We’d like an hour of your data manager’s time
            now and another in August, when it’ll be too late.

            We’d most like to hear about assessment set-ups, timetable import and what parents
            noticed.
        """),
        topics=("data", "school-it"),
        phases=("whole-school",),
        suits=ANY_SCHOOL,
        mode="online",
        minutes=120,
    ),
    ListingText(
        kind="request",
        title="Kitchen refit: can we see yours?",
        description=prose("""
            We’re planning a refit and would like the cook to have a say before the drawings do.
            May she and our business manager look round a kitchen that’s been refitted lately, see
            how the queue moves, and ask your cook what she’d do differently?
        """),
        topics=("catering", "premises"),
        phases=("whole-school",),
        suits=SCHOOLS,
        mode="at_ours",
        minutes=90,
    ),
)
