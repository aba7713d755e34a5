"""Offers about languages, mathematics, science and technology."""

from __future__ import annotations

from marketplace.demo.content.listing_text import PRIMARY, SECONDARY, SIXTH_FORM, ListingText, prose

OFFERS: tuple[ListingText, ...] = (
    ListingText(
        kind="offer",
        title="French for non-specialists",
        description=prose("""
            Most primary French is taught by somebody who last spoke it in a field in Brittany.
            One of our French teachers will come and give your Key Stage 2 staff a confident start:
            the sounds and spellings first, then classroom language they can use all day.

            The three hours split into a model lesson with Year 4, a sound-spelling workshop for
            adults, and planning time for whoever leads languages. No preparation, no homework,
            some singing.
        """),
        topics=("mfl",),
        phases=("ks2",),
        suits=SECONDARY,
        mode="on_site",
        minutes=180,
    ),
    ListingText(
        kind="offer",
        title="Spanish GCSE speaking practice",
        description=prose("""
            Two fluent speakers, a timer and a kind manner. We come for half a day in the weeks
            before the speaking exams and take your Year 11 pupils one by one through role play,
            picture task and conversation, at the right tier, with feedback on a slip they keep.

            We can see about twenty-four pupils. Please send a list with tiers, put us in two quiet
            rooms near each other, and have someone to fetch the next pupil: it’s the fetching that
            eats the morning.
        """),
        topics=("mfl", "assessment"),
        phases=("ks4",),
        suits=SECONDARY,
        mode="on_site",
        minutes=240,
    ),
    ListingText(
        kind="offer",
        title="A day of Mandarin",
        description=prose("""
            Our Mandarin teacher brings a full day of lessons for pupils who have never met the
            language: tones, numbers, writing with a brush, and a short conversation by home time.
            Four or five groups of up to thirty.

            Staff are welcome to join in and usually do. We need a room with tables for the
            calligraphy, water nearby and old newspaper. Good for a languages week, or for a
            school weighing up a third language.
        """),
        topics=("mfl",),
        phases=("ks2", "ks3"),
        suits=SECONDARY,
        mode="on_site",
        minutes=300,
    ),
    ListingText(
        kind="offer",
        title="Primary language lead to lead",
        description=prose("""
            A call for anyone who has just been handed languages along with two other subjects.
            We’ll go through how we built a progression across Years 3 to 6 without a specialist,
            what goes in the subject file, and how we agree with local secondaries what children
            arrive knowing.

            You’ll be sent our long-term plan for Spanish and a simple assessment sheet that takes
            five minutes a class.
        """),
        topics=("mfl", "middle-leadership"),
        phases=("ks2",),
        suits=PRIMARY,
        mode="online",
        minutes=60,
    ),
    ListingText(
        kind="offer",
        title="Shared German, by video link",
        description=prose("""
            German keeps vanishing because eight pupils isn’t a class. We have a teacher, a
            timetable slot and a decent camera; you may have six pupils who would love to carry on.

            What we offer is the setting-up: three hours online over half a term to agree the
            specification, match the timetables, test the room, and write down who marks, who
            reports and who phones home. If it works, the teaching itself can become an exchange
            of its own.
        """),
        topics=("mfl", "school-it"),
        phases=("ks4", "post-16"),
        suits=SIXTH_FORM,
        mode="online",
        minutes=180,
    ),
    ListingText(
        kind="offer",
        title="Maths mastery: watch and plan",
        description=prose("""
            You watch two maths lessons (usually Year 2 and Year 5), then sit down with the
            teachers who taught them and plan your own next lesson in the same way: small steps,
            a stem sentence, one good representation, and what to do about the child who has
            finished.

            Come in a pair, one teacher and one person who can change things. Bring the unit you
            are about to start.
        """),
        topics=("maths-mastery", "coaching"),
        phases=("ks1", "ks2"),
        suits=PRIMARY,
        mode="at_ours",
        minutes=195,
    ),
    ListingText(
        kind="offer",
        title="Ten minutes of number daily",
        description=prose("""
            A short online session on building fluency with number bonds and small facts outside
            the main maths lesson. Everything fits in ten minutes straight after lunch, uses
            fingers, beads and ten frames, and needs no printing.

            For teachers and teaching assistants from Reception to Year 2. We end with a plan for
            your first fortnight. If you record it for absent colleagues, that’s fine with us.
        """),
        topics=("maths", "early-years"),
        phases=("early-years", "ks1"),
        suits=PRIMARY,
        mode="online",
        minutes=60,
    ),
    ListingText(
        kind="offer",
        title="Times tables without tears",
        description=prose("""
            Three parts: a look at what your Year 4s know and don’t, a staff meeting on teaching
            tables as patterns and not as a race, and a parents’ half hour at the end of the day
            if you want one.

            We bring games, and the order in which we teach the facts with our reasons for it.
            You provide a hall or a library, a class for the first hour and biscuits for the last.
        """),
        topics=("maths",),
        phases=("ks2",),
        suits=PRIMARY,
        mode="on_site",
        minutes=210,
    ),
    ListingText(
        kind="offer",
        title="GCSE maths: the resit group",
        description=prose("""
            Teaching the same course to people who have already been told they failed it calls for
            a different plan. Our post-16 maths team uses a ten-topic programme, short mixed
            practice at the start of every lesson and a fresh look at calculators.

            We will talk your team through it, share the sequence, and help you choose what to
            leave out. Useful for colleges and for schools with a handful of resit students taught
            at the end of the day.
        """),
        topics=("maths",),
        phases=("post-16",),
        suits=SIXTH_FORM,
        mode="online",
        minutes=90,
    ),
    ListingText(
        kind="offer",
        title="Bar models up to Year 8",
        description=prose("""
            Your Year 7s have drawn bars for six years; then somebody tells them to stop. This
            workshop shows secondary maths teachers what pupils now bring with them from primary
            and how the same picture carries ratio, percentages and first equations.

            Led by one of our primary maths leads together with your own head of department if
            they’re willing. Bring two pages from your Year 7 scheme and we’ll redraw them.
        """),
        topics=("maths-mastery", "maths"),
        phases=("ks2", "ks3"),
        suits=PRIMARY,
        mode="on_site",
        minutes=120,
    ),
    ListingText(
        kind="offer",
        title="Further maths for two students",
        description=prose("""
            If you have one or two students who want further maths and no way to staff it, they
            can join our lesson once a fortnight in person and follow the rest online. This
            listing is for the planning afternoon: our teacher and yours map the course, share out
            the modules and agree how to keep track of the students’ work.
        """),
        topics=("maths", "high-attainers"),
        phases=("post-16",),
        suits=SIXTH_FORM,
        mode="at_ours",
        minutes=150,
    ),
    ListingText(
        kind="offer",
        title="Science enquiry in a box",
        description=prose("""
            Our science lead brings six crates, one for each year group, with everything for a
            fair test, a pattern-seeking enquiry and a long observation. Staff do the enquiries
            themselves – expect noise, vinegar and at least one argument about variables.

            The crates stay with you for half a term. Afterwards we send the shopping list, which
            comes to less than most schools expect, and the progression grid for working
            scientifically.

            Needs tables, a sink and ninety minutes after school. Please sort out who’ll bring the
            crates back!
        """),
        topics=("science",),
        phases=("ks1", "ks2"),
        suits=("primary", "secondary", "all-through"),
        mode="on_site",
        minutes=105,
    ),
    ListingText(
        kind="offer",
        title="GCSE required practicals, done properly",
        description=prose("""
            Bring a class of up to thirty-two and two members of staff to our laboratories for an
            afternoon, and get through two of the required practicals with enough working
            equipment to go round. Our technician sets up; your teacher leads; one of ours floats.

            Tell us the specification and which practicals at least three weeks ahead. Risk
            assessments are sent to you for your own files. Physics is our strongest suit
            (we own more ammeters than is reasonable).
        """),
        topics=("science",),
        phases=("ks4",),
        suits=SECONDARY,
        mode="at_ours",
        minutes=150,
    ),
    ListingText(
        kind="offer",
        title="A science technician for a day",
        description=prose("""
            New technician, or none at the moment? Ours will come for a day to sort the prep room:
            chemical store against the register, what must be labelled and what must be disposed
            of, a working system for requisitions, and safety checks of the fume cupboard log.

            Please warn your department that things will move. Someone with authority to throw
            things away should be within reach.
        """),
        topics=("science", "premises"),
        phases=("ks3", "ks4", "post-16"),
        suits=SECONDARY,
        mode="on_site",
        minutes=360,
    ),
    ListingText(
        kind="offer",
        title="From Scratch to Python",
        description=prose("""
            The step from blocks to text is where many pupils decide that computing isn’t for
            them. We’ll show the six lessons that carry our pupils over: reading code before
            writing it, predicting, changing one line, and only then starting from nothing.

            For teachers of Years 5 to 8. You will write some Python; nobody will look at your
            screen. Laptops with any browser are enough.
        """),
        topics=("computing",),
        phases=("ks2", "ks3"),
        suits=("primary", "secondary", "all-through"),
        mode="on_site",
        minutes=120,
    ),
    ListingText(
        kind="offer",
        title="Computing curriculum health check",
        description=prose("""
            Two hours with your computing lead: what is taught, what is skipped because the
            trolley was flat, and how children show what they know when the screen is off. We use
            a short checklist and finish by choosing three things to do and one to drop.

            Beforehand: your overview, and a login for a pupil account so we see what they see.
        """),
        topics=("computing", "curriculum"),
        phases=("ks1", "ks2"),
        suits=PRIMARY,
        mode="on_site",
        minutes=120,
    ),
    ListingText(
        kind="offer",
        title="Computer science mock marking",
        description=prose("""
            Lone computer science teacher? Swap a set of mock papers with us. We mark yours to the
            published scheme, annotate the algorithm questions properly, and then spend an hour on
            a call going through what your class found hard and how we’d reteach it.

            Up to twenty-five scripts, scanned. Back within ten working days, except in the last
            week of term.
        """),
        topics=("computing", "assessment"),
        phases=("ks4",),
        suits=SECONDARY,
        mode="online",
        minutes=300,
    ),
    ListingText(
        kind="offer",
        title="Our workshop for your pupils",
        description=prose("""
            A primary class can use our design and technology workshop for a morning and go home
            with something that was sawn, sanded and joined by hand. We’ve a project for Year 5 or
            Year 6 (a bridge that has to hold a bag of sugar) and one for Year 4 with levers.

            Our teacher and technician run it; your staff supervise behaviour and join in.
            Aprons and goggles are here. Closed shoes, hair tied back, and a list of allergies
            please.
        """),
        topics=("design-technology",),
        phases=("ks2",),
        suits=SECONDARY,
        mode="at_ours",
        minutes=180,
    ),
    ListingText(
        kind="offer",
        title="Cooking without a kitchen",
        description=prose("""
            Two induction hobs, a trolley and a good plan: that’s how we teach food in ordinary
            classrooms from Year 1 to Year 6. Our food lead will run a session for your staff on
            knife skills by age, hygiene, allergies and the eighteen recipes we actually use.

            You’ll eat what you make, so come hungry. We bring the trolley; you do the shop (we
            send the list, it fits in two bags).
        """),
        topics=("design-technology", "pshe"),
        phases=("ks1", "ks2"),
        suits=("primary", "all-through", "special"),
        mode="on_site",
        minutes=135,
    ),
)
