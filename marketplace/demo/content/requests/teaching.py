"""Requests about subjects, reading, writing and the early years."""

from __future__ import annotations

from marketplace.demo.content.listing_text import PRIMARY, SECONDARY, SIXTH_FORM, ListingText, prose

REQUESTS: tuple[ListingText, ...] = (
    ListingText(
        kind="request",
        title="Phonics lead needs a sounding board",
        description=prose("""
            Our phonics leader is new and doing well, but she has nobody in the building to check
            herself against. We’d love an experienced leader to watch a couple of lessons with her,
            look at how we group for keep-up, and tell us whether the pace is right in Year 1.

            Any morning except Wednesday. We can cover her for the whole of it.
        """),
        topics=("phonics", "coaching"),
        phases=("early-years", "ks1"),
        suits=PRIMARY,
        mode="on_site",
        minutes=180,
    ),
    ListingText(
        kind="request",
        title="See early reading elsewhere",
        description=prose("""
            Three of our staff want to see phonics and early reading taught somewhere else: the same
            programme or a different one, we don’t mind. A morning in Reception and Year 1, and half
            an hour with someone who can explain what we’ve just watched.

            We’ll keep out of the way, and we’re glad to host a return visit to our library or our
            Year 6 classes.
        """),
        topics=("phonics", "reading"),
        phases=("early-years", "ks1"),
        suits=PRIMARY,
        mode="at_ours",
        minutes=165,
    ),
    ListingText(
        kind="request",
        title="Weak readers in Year 7",
        description=prose("""
            Our English teachers, who love books, were never taught how reading is taught. Is there
            a primary colleague who could run a session for six of us, with the pupils in mind who
            join a secondary school still unsure? Sounds, fluency, what to listen for, what to do on
            Thursday period three.

            We’d be glad to return the favour with anything from laboratory time to a netball coach.
        """),
        topics=("reading", "phonics"),
        phases=("ks3",),
        suits=SECONDARY,
        mode="on_site",
        minutes=120,
    ),
    ListingText(
        kind="request",
        title="Reception outdoors: fresh ideas wanted",
        description=prose("""
            We have the space, a shed and a lot of enthusiasm, and think we could get more out of
            all three. Looking for an early years colleague to spend a morning outside with us, be
            blunt, and help us plan changes that we can make ourselves with pallets and a Saturday.

            Wrap up warm. Soup for lunch.
        """),
        topics=("early-years", "outdoor-learning"),
        phases=("early-years",),
        suits=("nursery", "primary"),
        mode="on_site",
        minutes=150,
    ),
    ListingText(
        kind="request",
        title="Two-year-olds: may we visit?",
        description=prose("""
            Our governors have asked us to look into places for two-year-olds. Before we write a
            paper, we would like to spend an hour or two in a room that already runs one, and talk
            about staffing and what surprised you. Two visitors, any afternoon.

            We can’t promise to follow your advice, only to write it down accurately.
        """),
        topics=("early-years",),
        phases=("early-years",),
        suits=("primary", "nursery"),
        mode="at_ours",
        minutes=120,
    ),
    ListingText(
        kind="request",
        title="Greater depth writing: help us see it",
        description=prose("""
            We argue about it every June. Could somebody with moderation experience look at eight
            pieces of Year 6 writing with our two teachers and explain, kindly, where the line is?
            We’ll scan them beforehand.

            Either after school or during our release time on a Friday morning. We will return the
            pieces’ annotations to the class teachers, so please be as detailed as you like.
        """),
        topics=("writing", "assessment"),
        phases=("ks2",),
        suits=PRIMARY,
        mode="online",
        minutes=90,
    ),
    ListingText(
        kind="request",
        title="Staff training on spelling",
        description=prose("""
            Wanted: an hour and a quarter of straight talking about spelling for a whole primary
            staff, on a Tuesday after school. What to teach, in which order, how much, and what to
            do about the children who get ten out of ten on Friday and none on Monday.

            Twenty or so adults, mixed confidence. Cake will be provided.
        """),
        topics=("writing",),
        phases=("ks1", "ks2"),
        suits=PRIMARY,
        mode="on_site",
        minutes=75,
    ),
    ListingText(
        kind="request",
        title="Oracy: where do we begin?",
        description=prose("""
            It’s on our improvement plan and we’re at the blank-page stage. We’d like to come and
            see a school where pupils talk well in ordinary lessons, not in a showcase, and speak to
            the person who led the change about the first term.

            Four visitors at most, one of them our most doubtful colleague, who has promised to
            listen.
        """),
        topics=("oracy",),
        phases=("whole-school",),
        suits=("primary", "secondary", "all-through", "special"),
        mode="at_ours",
        minutes=150,
    ),
    ListingText(
        kind="request",
        title="English literature: mark with us",
        description=prose("""
            Two of our English teachers are early in their careers and would like to mark a first
            full mock in good company. We’re looking for an experienced GCSE marker to join a
            department meeting, mark six scripts together with us and talk us through the grade
            boundaries in plain language.

            Our meetings are on Mondays until five. Scripts and the mark scheme will reach you a
            week before.
        """),
        topics=("english", "assessment"),
        phases=("ks4",),
        suits=SECONDARY,
        mode="on_site",
        minutes=135,
    ),
    ListingText(
        kind="request",
        title="French speaker for Key Stage 2",
        description=prose("""
            Our teachers enjoy their French and would love to hear it from someone who speaks it
            well. Could a specialist visit twice, a few weeks apart, to model lessons in Years 3
            and 5 and record the sounds and classroom phrases for us to keep?

            Four hours over two visits. We’d fit round a secondary timetable.
        """),
        topics=("mfl",),
        phases=("ks2",),
        suits=PRIMARY,
        mode="on_site",
        minutes=240,
    ),
    ListingText(
        kind="request",
        title="MFL take-up at options",
        description=prose("""
            We want more pupils to go on with a language, and not because they’re told to. If your
            school has made languages a popular choice, could your head of languages spend an hour
            and a half on a call with ours? What you do in Year 8 interests us more than posters.

            Any language. Ours are French and Spanish.
        """),
        topics=("mfl", "middle-leadership"),
        phases=("ks3", "ks4"),
        suits=SECONDARY,
        mode="online",
        minutes=90,
    ),
    ListingText(
        kind="request",
        title="Maths mastery in mixed-age classes",
        description=prose("""
            We believe in keeping the class together, and we’ve got two year groups in the room.
            How do you do both? We want to talk with a teacher who’s living it, ideally after
            watching a lesson, and plan a unit on fractions together.

            There would be two of us, and we can bring our planning for the half-term.
        """),
        topics=("maths-mastery", "curriculum"),
        phases=("ks1", "ks2"),
        suits=PRIMARY,
        mode="at_ours",
        minutes=180,
    ),
    ListingText(
        kind="request",
        title="Maths for teaching assistants",
        description=prose("""
            Seven of our teaching assistants would like to feel surer of written methods, fractions
            and bar models before they help children with them. A friendly afternoon workshop,
            please, without any tests. They have asked for this themselves and we’re proud of them.
        """),
        topics=("maths", "support-staff"),
        phases=("ks2",),
        suits=PRIMARY,
        mode="on_site",
        minutes=120,
    ),
    ListingText(
        kind="request",
        title="Core maths: is it worth starting?",
        description=prose("""
            We’re weighing up core maths for students who drop the subject at sixteen. We need an
            hour with someone who teaches it: who takes it, what they get from it, how many periods,
            which teachers enjoy it.
        """),
        topics=("maths", "timetabling"),
        phases=("post-16",),
        suits=SIXTH_FORM,
        mode="online",
        minutes=60,
    ),
    ListingText(
        kind="request",
        title="Science lab visit for Year 6",
        description=prose("""
            Our Year 6s have never seen a Bunsen burner. Is there a secondary school within reach
            that would have one class for an afternoon of real practical science after the tests in
            May? We’ll bring plenty of adults, and we can be flexible about the day.

            A practical with something to light, something to smell and something to write up would
            be perfect. We’ll do the risk assessment with you and the thank-you cards without you.
        """),
        topics=("science", "starting-school"),
        phases=("ks2",),
        suits=("primary",),
        mode="at_ours",
        minutes=150,
    ),
    ListingText(
        kind="request",
        title="Physics teaching for non-physicists",
        description=prose("""
            Two biologists and a chemist will be teaching electricity and forces to Year 10. They’re
            good teachers who’d like to be two lessons ahead instead of one. Could a physicist give
            us an afternoon on the misconceptions, the demonstrations that always work and the ones
            to leave to video?

            Our technician would love to be there too and will put out whatever you need.
        """),
        topics=("science",),
        phases=("ks3", "ks4"),
        suits=SECONDARY,
        mode="on_site",
        minutes=180,
    ),
    ListingText(
        kind="request",
        title="Computing lead, starting from scratch",
        description=prose("""
            Literally Scratch. Our new computing lead is an able teacher with no computing
            background. She’d like three online sessions of an hour with another lead, spread over
            a term: the shape of the curriculum, getting staff on board, and assessing it.

            She’s free on Wednesdays after 1.30. We can share a very good science scheme in
            exchange for nothing at all.
        """),
        topics=("computing", "middle-leadership"),
        phases=("ks1", "ks2"),
        suits=PRIMARY,
        mode="online",
        minutes=180,
    ),
    ListingText(
        kind="request",
        title="DT projects that aren’t cardboard",
        description=prose("""
            Looking for someone from a well-equipped department to help us plan three design and
            technology projects that use proper materials and tools we can store in a cupboard.
            A planning afternoon here, with our subject leader and the tool box.

            We can buy what’s needed if the list is short.
        """),
        topics=("design-technology",),
        phases=("ks1", "ks2"),
        suits=("primary", "special"),
        mode="on_site",
        minutes=150,
    ),
    ListingText(
        kind="request",
        title="History and geography: one lead, two subjects",
        description=prose("""
            I lead both and was trained in neither. I’d be grateful for a couple of hours with
            someone who leads humanities well: how you check that learning sticks from one year to
            the next, what you look at in books, and what you would drop from my action plan, which
            has too much in it.
        """),
        topics=("history", "geography"),
        phases=("ks1", "ks2"),
        suits=PRIMARY,
        mode="online",
        minutes=120,
    ),
    ListingText(
        kind="request",
        title="Somewhere to do fieldwork",
        description=prose("""
            Our GCSE geographers need a contrasting place for a second day of fieldwork. A school in
            a quite different setting that would lend us a classroom, local knowledge and an hour of
            one teacher’s time would be ideal. We’d host yours in return.

            About thirty pupils with three staff, one day in June or the first half of July.
        """),
        topics=("geography",),
        phases=("ks4",),
        suits=SECONDARY,
        mode="at_ours",
        minutes=240,
    ),
    ListingText(
        kind="request",
        title="RE subject knowledge, Hinduism and Sikhi",
        description=prose("""
            These are the two units that staff have asked to know more about. We’re after a
            twilight with a well-informed RE leader: the essentials, common mistakes, good
            questions from children, and resources that members of those communities would
            recognise.

            Wednesdays at half past three. We’d pass everything on to staff who can’t stay.
        """),
        topics=("re",),
        phases=("ks1", "ks2"),
        suits=PRIMARY,
        mode="on_site",
        minutes=90,
    ),
    ListingText(
        kind="request",
        title="Music teacher on maternity leave",
        description=prose("""
            Our music specialist is away until the summer and her colleagues are keeping the
            subject warm for her. We’d like a music teacher to come in for a day, look at the
            schemes, record a few demonstrations and leave us with eight lessons that a
            non-specialist can teach in Years 7 and 8.
        """),
        topics=("music", "curriculum"),
        phases=("ks3",),
        suits=SECONDARY,
        mode="on_site",
        minutes=345,
    ),
    ListingText(
        kind="request",
        title="Choir needs an accompanist (and courage)",
        description=prose("""
            Forty children, a carol service and nobody who plays. Could someone rehearse with us
            twice and play on the day? Dates in December, songs to be agreed in October. We will
            make you very welcome.

            An electric piano is here, tuned by definition.
        """),
        topics=("music",),
        phases=("ks2",),
        suits=("primary",),
        mode="on_site",
        minutes=270,
    ),
    ListingText(
        kind="request",
        title="Dance in PE: model lessons",
        description=prose("""
            Dance is the unit that gets swapped for dodgeball. We’re hoping for a confident dance or
            drama teacher to teach two classes while staff watch, then break down what they did.
            Years 3 and 6 if possible.

            The hall is free on Monday and Thursday mornings, and there’s a sound system that works
            if you know where to hit it.
        """),
        topics=("drama", "pe"),
        phases=("ks2",),
        suits=PRIMARY,
        mode="on_site",
        minutes=165,
    ),
    ListingText(
        kind="request",
        title="Art: drawing progression check",
        description=prose("""
            We’ve written a drawing progression and would like an art specialist to tell us if it
            makes sense. Be frank! An hour on a call, with photographs of sketchbooks from each
            year group sent ahead.
        """),
        topics=("art-design",),
        phases=("ks1", "ks2"),
        suits=PRIMARY,
        mode="online",
        minutes=60,
    ),
    ListingText(
        kind="request",
        title="English resits: another way in",
        description=prose("""
            Our resit teachers would like to see how others teach GCSE English to sixteen- and
            seventeen-year-olds without repeating Year 11. Reading for a purpose, writing in short
            bursts, groups that change shape every week: whatever works for you.

            A visit of two or three lessons and a talk afterwards. Three of us, any day but Monday.
        """),
        topics=("english",),
        phases=("post-16",),
        suits=SIXTH_FORM,
        mode="at_ours",
        minutes=165,
    ),
    ListingText(
        kind="request",
        title="Practical science for a new A-level team",
        description=prose("""
            We’re rebuilding our A-level biology and chemistry practicals and would like an
            experienced teacher to look over the plan: which to do when, what to combine, and how
            lab books can be kept without anyone drowning in them.

            Half a day here, in the laboratory, with our technician.
        """),
        topics=("science",),
        phases=("post-16",),
        suits=SIXTH_FORM,
        mode="on_site",
        minutes=210,
    ),
    ListingText(
        kind="request",
        title="Rhymes, songs and very small drums",
        description=prose("""
            Could a music teacher spend a morning with us and our three- and four-year-olds? We’d
            love to go beyond the nine songs that we all know. Adults will be taking part and taking
            notes.

            No stage, no performance, plenty of floor. Young musicians from your school would be
            welcome too.
        """),
        topics=("music", "early-years"),
        phases=("early-years",),
        suits=("nursery", "primary"),
        mode="on_site",
        minutes=120,
    ),
)
