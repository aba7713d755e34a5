"""Offers about early years, reading, writing and talk."""

from __future__ import annotations

from marketplace.demo.content.listing_text import PRIMARY, SECONDARY, SIXTH_FORM, ListingText, prose

OFFERS: tuple[ListingText, ...] = (
    ListingText(
        kind="offer",
        title="Phonics coaching morning",
        description=prose("""
            Our reading leader spends a morning beside your phonics leader: two or three lessons
            watched together, then a long coffee with the notes. We look at pace, pronunciation,
            who is not joining in, and what the adults at the back are doing.

            Please let us see your most confident teacher and one who is new to the programme.
            It helps to have the latest assessment grid to hand and twenty minutes with whoever
            leads the keep-up groups.

            You keep a one-page summary with three things to practise before half-term. We work
            with any systematic programme and won’t try to sell you ours.
        """),
        topics=("phonics", "coaching"),
        phases=("early-years", "ks1"),
        suits=PRIMARY,
        mode="on_site",
        minutes=180,
    ),
    ListingText(
        kind="offer",
        title="Phonics for older readers",
        description=prose("""
            Some children arrive in Year 5, or in Year 8, still guessing from the first letter.
            Giving them the infant books again is the surest way to lose them.

            We will train two or three of your teaching assistants to run a daily twenty-minute
            session for older pupils: how to find the gaps, which texts don’t embarrass anybody,
            and how to know when to stop. The session includes a live demonstration with a small
            group of your own pupils, if you are happy with that.

            Bring: a quiet room, a list of pupils whose reading worries you, and the people who
            will really be doing it. We’ll leave the assessment sheets and a six-week planner.
        """),
        topics=("phonics", "reading", "support-staff"),
        phases=("ks2", "ks3"),
        suits=("primary", "secondary", "all-through", "special"),
        mode="on_site",
        minutes=150,
    ),
    ListingText(
        kind="offer",
        title="Matching books to sounds",
        description=prose("""
            An hour on screen to sort out decodable books. Show us your shelves (photographs are
            fine) and your phonics progression, and we’ll help you decide what stays, what moves
            to the library and what quietly goes.

            We did this ourselves over a summer and made every mistake available. You’ll have our
            labelling system, the letter we sent to families and our spreadsheet of which sets
            fit which phase.
        """),
        topics=("phonics",),
        phases=("early-years", "ks1"),
        suits=PRIMARY,
        mode="online",
        minutes=60,
    ),
    ListingText(
        kind="offer",
        title="Continuous provision: come and see",
        description=prose("""
            Come and spend a morning in our Reception unit while it is running. You’ll see how
            areas are set up, what adults do when they are not leading a group, and how we get
            from “busy” to “learning”.

            What you’ll see:
            – the first half hour, when everything is decided
            – how we enhance provision from what children said and did yesterday
            – snack, outdoors in any weather, and tidying up without a song
            – our planning wall, as it really is on that day

            Up to four visitors, please, including at least one Year 1 teacher. The last half
            hour is for questions with our early years leader.
        """),
        topics=("early-years",),
        phases=("early-years", "ks1"),
        suits=("nursery", "primary", "all-through"),
        mode="at_ours",
        minutes=165,
    ),
    ListingText(
        kind="offer",
        title="Opening a room for twos",
        description=prose("""
            Thinking of taking two-year-olds? We can show you what that takes: ratios and rotas,
            nappies and naps, the key person approach, and how a good room for twos differs from
            a nursery class made smaller.

            The visit is after lunch, when you can see sleep time and home time. Bring whoever
            would lead the room and, if you can, your business manager: half the questions turn
            out to be about staffing.

            Our paperwork (settling-in, two-year progress check, intimate care) is yours to adapt.
        """),
        topics=("early-years", "starting-school"),
        phases=("early-years",),
        suits=("nursery", "primary"),
        mode="at_ours",
        minutes=135,
    ),
    ListingText(
        kind="offer",
        title="Outdoor area audit, early years",
        description=prose("""
            Walk round your outdoor area with somebody who doesn’t know why the mud kitchen is
            there. Our early years leader will watch children using it, ask irritating questions
            and help you write a plan that costs little and can be done by Easter.

            We look at language first, then physical challenge, then storage – it’s usually
            storage. Please don’t tidy up for us.
        """),
        topics=("early-years", "outdoor-learning"),
        phases=("early-years",),
        suits=("nursery", "primary", "all-through"),
        mode="on_site",
        minutes=150,
    ),
    ListingText(
        kind="offer",
        title="Settling in: home visits done well",
        description=prose("""
            How do you learn enough about a whole new intake by the second week of September?
            An hour and a quarter online with our nursery and Reception leads: home visits in
            pairs, what to ask and never to ask, the stay-and-play timetable, staggered starts
            that parents can live with, and how we pass on what we learn to the whole team.

            Ideal in the spring term, before your letters go out. We’ll share our visit form and
            a translated version of the welcome booklet.
        """),
        topics=("starting-school", "families", "early-years"),
        phases=("early-years",),
        suits=("nursery", "primary", "all-through"),
        mode="online",
        minutes=75,
    ),
    ListingText(
        kind="offer",
        title="Bridging unit, Year 6 to 7",
        description=prose("""
            We have a two-week unit that starts in Year 6 after the tests and finishes in the
            first fortnight of Year 7, with the same exercise book travelling with the pupil. It
            covers English and maths, and secondary teachers mark the first piece of work before
            anybody has met.

            Two of us will come and plan it with your Year 6 team or your heads of English and
            maths. Bring a scheme of work and an idea of which feeder or destination schools
            might join in: it works best with three or more.
        """),
        topics=("starting-school", "curriculum"),
        phases=("ks2", "ks3"),
        suits=("primary", "secondary", "all-through"),
        mode="on_site",
        minutes=120,
    ),
    ListingText(
        kind="offer",
        title="Whole-class reading, start to finish",
        description=prose("""
            Moving from a guided reading carousel to whole-class reading is mostly a matter of
            nerve. Our English lead will teach a lesson with one of your Key Stage 2 classes
            while the team watches, then plan the next two lessons with you from the book you
            are actually reading.

            We need: the class text a week beforehand, cover so that two teachers can watch, and
            a room for an hour afterwards. You will leave with a weekly shape, a bank of question
            stems and our list of novels that earn their place.

            Teachers told us the planning hour is the part that lasts.
        """),
        topics=("reading", "curriculum"),
        phases=("ks2",),
        suits=PRIMARY,
        mode="on_site",
        minutes=195,
    ),
    ListingText(
        kind="offer",
        title="Reading fluency in tutor time",
        description=prose("""
            Four mornings a week our tutors read aloud to their forms, and twice a week the forms
            read aloud back. Come in at registration, see six tutor groups in twenty-five minutes,
            and then talk to the people who make it run: the librarian, a sceptical tutor, and a
            handful of pupils.

            We’ll be honest about year one, which was not pretty. Suitable for a literacy
            coordinator and one member of the senior team; the second person matters more.
        """),
        topics=("reading", "english"),
        phases=("ks3", "ks4"),
        suits=SECONDARY,
        mode="at_ours",
        minutes=120,
    ),
    ListingText(
        kind="offer",
        title="A library on next to nothing",
        description=prose("""
            Our library was a corridor. It is now the busiest room in the building, run by
            pupils, with a budget most schools spend on display paper.

            Visit with your librarian, a teaching assistant or a keen governor. We’ll show you how
            we weeded the stock, trained pupil librarians, chose what to buy and got families to
            come in on Fridays. Pupil librarians lead the tour, so it’s best on a Thursday.
        """),
        topics=("reading",),
        phases=("ks1", "ks2", "ks3"),
        suits=("primary", "secondary", "all-through", "special"),
        mode="at_ours",
        minutes=105,
    ),
    ListingText(
        kind="offer",
        title="Sentence first: teaching writing",
        description=prose("""
            A twilight for the whole staff on building writing from the sentence up. Practical,
            with pens: everybody will have written, cut up and rebuilt a paragraph by the end.

            It is for schools where pupils write a lot and improve slowly. We cover oral rehearsal,
            sentence types by year group, and how to plan a unit backwards from one good paragraph.
            Ask each teacher to bring three books: one strong, one middling, one that keeps them
            awake.

            We’ve led it in several schools now, and a follow-up book look half a term later is
            included if you’d like to add an hour.
        """),
        topics=("writing",),
        phases=("ks1", "ks2"),
        suits=PRIMARY,
        mode="on_site",
        minutes=105,
    ),
    ListingText(
        kind="offer",
        title="Spelling beyond the Friday test",
        description=prose("""
            One hour, online, for an English lead who has inherited a spelling scheme nobody likes.
            We teach spelling in five short sessions a week with morphology from Year 2, and can
            show you the sequence, a sample week and what we stopped doing to make room for it.

            Send us your current overview first so that we talk about your school and not ours.
        """),
        topics=("writing",),
        phases=("ks1", "ks2"),
        suits=PRIMARY,
        mode="online",
        minutes=60,
    ),
    ListingText(
        kind="offer",
        title="Handwriting clinic",
        description=prose("""
            Grip, posture, paper, letter families. Our handwriting lead will see one class at
            work, pull out six children whose writing hurts, and show your staff what to do for
            each of them.

            Best in the autumn term with Year 1 or Year 2. Please have sloped boards out if you
            own any (there are always some in a cupboard).
        """),
        topics=("writing", "early-years"),
        phases=("early-years", "ks1"),
        suits=PRIMARY,
        mode="on_site",
        minutes=90,
    ),
    ListingText(
        kind="offer",
        title="Talk that everyone joins in",
        description=prose("""
            Oracy as an everyday habit rather than a special week. We run a two-hour session with
            your staff on talk roles, sentence stems, listening ladders and grouping, with film of
            ordinary lessons in our school: good ones and one that falls apart.

            After it, each team picks a single routine and tries it for three weeks. We come back
            on screen for half an hour (included) to hear what happened.

            Suits primary and secondary staff together; in an all-through school, please mix the
            tables.
        """),
        topics=("oracy",),
        phases=("whole-school",),
        suits=("primary", "secondary", "all-through", "special"),
        mode="on_site",
        minutes=150,
    ),
    ListingText(
        kind="offer",
        title="Start a debating club",
        description=prose("""
            We’d love more schools to debate against! Bring up to ten pupils and a member of staff
            to one of our club sessions. Our older pupils will teach the format,
            yours will be on their feet within twenty minutes, and we finish with a short debate
            in mixed teams.

            Staff get the handbook, motions that work with beginners and a term’s plan.
        """),
        topics=("oracy", "drama"),
        phases=("ks3", "ks4"),
        suits=SECONDARY,
        mode="at_ours",
        minutes=120,
    ),
    ListingText(
        kind="offer",
        title="GCSE poetry, taught backwards",
        description=prose("""
            Our department plans the anthology from comparison backwards: pupils meet poems in
            pairs from the first week and learn quotations as they go, so there is no panic in
            March. We can come for a department meeting, show how the sequence fits together and
            adapt it to your anthology and your timetable.

            Useful to have: your long-term plan, two or three mock scripts with the names
            removed, and the whole team, including anybody who teaches four periods of English and
            the rest PE.
        """),
        topics=("english", "curriculum"),
        phases=("ks4",),
        suits=SECONDARY,
        mode="on_site",
        minutes=120,
    ),
    ListingText(
        kind="offer",
        title="A-level coursework: second marker",
        description=prose("""
            Small sixth form, one teacher of English, nobody to moderate with? We’ve been there.
            Two experienced A-level teachers will blind-mark a sample of your non-exam assessment
            folders and then talk through the differences with you on a call.

            Send eight folders across the range a fortnight before. We annotate against the
            mark scheme and keep everything confidential; scripts are deleted afterwards.
        """),
        topics=("english", "assessment"),
        phases=("post-16",),
        suits=SIXTH_FORM,
        mode="online",
        minutes=180,
    ),
)
