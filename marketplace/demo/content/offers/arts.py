"""Offers about humanities, arts, PE and the outdoors."""

from __future__ import annotations

from marketplace.demo.content.listing_text import (
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
        title="Local history from real documents",
        description=prose("""
            Our history lead has spent too many Saturdays in the record office and would like to
            put it to use. We’ll help you find census pages, maps and log books for the streets
            around your school and turn them into a six-lesson enquiry for Key Stage 2.

            How it works: you tell us your catchment three weeks ahead, we arrive with copies, and
            your year team and ours plan together for an afternoon. The documents are yours to
            keep.
        """),
        topics=("history", "curriculum"),
        phases=("ks2",),
        suits=PRIMARY,
        mode="on_site",
        minutes=180,
    ),
    ListingText(
        kind="offer",
        title="Year 9 history worth choosing",
        description=prose("""
            What should pupils who’ll drop history know before they go? That question reshaped our
            Year 9, and numbers taking the subject on took care of themselves.

            We offer a department meeting online on planning around enquiry questions, choosing
            scholarship pupils can read, and making room for a wider world than the specification
            does. Slides, booklets and our rejected ideas included.
        """),
        topics=("history", "curriculum"),
        phases=("ks3",),
        suits=SECONDARY,
        mode="online",
        minutes=90,
    ),
    ListingText(
        kind="offer",
        title="River fieldwork, led for you",
        description=prose("""
            A full day at a river with our geography teachers, our risk assessments and our
            wellingtons (sizes 3 to 10). Your group measures width, depth, velocity and bedload at
            three sites, and we show your staff how to lead it alone next time.

            Works for a GCSE class or for A-level students beginning their own investigation. You
            bring the minibus, the packed lunches, and one adult for every twelve pupils. We’ve a
            wet-weather plan, which is the same plan with more coats.
        """),
        topics=("geography", "outdoor-learning"),
        phases=("ks4", "post-16"),
        suits=SECONDARY,
        mode="on_site",
        minutes=360,
    ),
    ListingText(
        kind="offer",
        title="Map skills, year by year",
        description=prose("""
            For geography leads in primary schools: an hour on screen to build a map and fieldwork
            progression from Reception to Year 6 that uses your own grounds first. We share ours,
            including the orienteering course made out of drain covers and notice boards.
        """),
        topics=("geography",),
        phases=("ks1", "ks2"),
        suits=PRIMARY,
        mode="online",
        minutes=60,
    ),
    ListingText(
        kind="offer",
        title="RE after a new syllabus",
        description=prose("""
            Our RE leader has just taken a school through a new agreed syllabus, including the year
            when the old units and the new ones overlapped. She can do the same beside your leader:
            mapping, what to buy and what to make, how to teach worldviews without flattening them,
            and how to answer parents who ask about withdrawal.

            Half a day in your school, ideally with a full set of current planning on the table.
        """),
        topics=("re", "curriculum"),
        phases=("ks1", "ks2"),
        suits=PRIMARY,
        mode="on_site",
        minutes=180,
    ),
    ListingText(
        kind="offer",
        title="Visits to places of worship",
        description=prose("""
            We visit a mosque, a gurdwara, a synagogue, a temple and two very different churches
            every year. If you’ve not done it before, we’ll share how: letters, staffing, dress,
            what to tell pupils, and how to handle a worried phone call.

            Then join one of our visits with a small group of your own and watch how it goes.
        """),
        topics=("re", "families"),
        phases=("ks2", "ks3"),
        suits=("primary", "secondary", "all-through"),
        mode="at_ours",
        minutes=240,
    ),
    ListingText(
        kind="offer",
        title="Art portfolios: a second eye",
        description=prose("""
            Standardising art alone is miserable. Two art teachers will come with a set of our own
            marked portfolios, look through yours, and mark a sample blind before comparing.
            Expect frank talk about Assessment Objective 3.

            Lay out eight to ten folders across the range. If pupils are about, we are happy to
            talk to them about their sketchbooks as well.
        """),
        topics=("art-design", "assessment"),
        phases=("ks4",),
        suits=SECONDARY,
        mode="on_site",
        minutes=180,
    ),
    ListingText(
        kind="offer",
        title="Clay day with a kiln",
        description=prose("""
            Bring one class to our art room for a day of clay: pinch pots in the morning, slab
            tiles after lunch. We dry, fire and deliver the pieces back to you about three weeks
            later.

            Your teachers learn enough to carry on with air-drying clay. Old shirts essential.
            Lunch in our hall can be arranged if you tell us numbers a week ahead.
        """),
        topics=("art-design",),
        phases=("ks1", "ks2"),
        suits=SECONDARY,
        mode="at_ours",
        minutes=300,
    ),
    ListingText(
        kind="offer",
        title="Sketchbooks across the school",
        description=prose("""
            How do you get from a folder of finished pictures to sketchbooks that show thinking?
            Our art lead brings a suitcase of them, Year 1 to Year 6, and a short drawing session
            that turns adults who “can’t draw” into adults who can.

            Afterwards, an hour with your subject leader on progression in drawing.
        """),
        topics=("art-design", "middle-leadership"),
        phases=("ks1", "ks2"),
        suits=PRIMARY,
        mode="on_site",
        minutes=150,
    ),
    ListingText(
        kind="offer",
        title="Whole-class ukulele: first term",
        description=prose("""
            A box of thirty ukuleles (mostly in tune), a scheme for ten lessons and a teacher who
            will start you off. Our music lead teaches the first lesson to your class while you
            watch, you teach the second with her beside you, and the box is yours until the end of
            term.

            Nobody needs to read music. Lockable storage, please.
        """),
        topics=("music",),
        phases=("ks2",),
        suits=("primary", "all-through", "special"),
        mode="on_site",
        minutes=120,
    ),
    ListingText(
        kind="offer",
        title="Singing assemblies that work",
        description=prose("""
            No pianist? No problem. In seventy-five minutes our singing lead will take one of your
            assemblies and then show a few staff how to start a song, keep it going and add a part,
            all without an instrument.

            We leave a list of forty songs in a sensible order, with starting notes on a phone.
        """),
        topics=("music",),
        phases=("ks1", "ks2"),
        suits=("primary", "all-through", "special"),
        mode="on_site",
        minutes=75,
    ),
    ListingText(
        kind="offer",
        title="Composing at GCSE, unblocked",
        description=prose("""
            Half the class has four bars and the other half has a drum loop. Our music department
            will spend an afternoon with your pupils and teacher on developing an idea, writing to
            a brief and recording evidence as you go.

            Any software will do; we know most of them. Up to twenty pupils. A follow-up call in
            the spring to look at drafts is included.
        """),
        topics=("music",),
        phases=("ks4",),
        suits=SECONDARY,
        mode="on_site",
        minutes=165,
    ),
    ListingText(
        kind="offer",
        title="Staging the Year 6 show",
        description=prose("""
            Our drama teacher can give your summer production a good shove at the moment it needs
            one, about a fortnight before the first night. Blocking, voices that reach the back,
            what to do with the chorus, and a running order for the people behind the curtain.

            Please have lines more or less learnt and the hall to ourselves. Costumes optional,
            patience essential.
        """),
        topics=("drama", "oracy"),
        phases=("ks2",),
        suits=SECONDARY,
        mode="on_site",
        minutes=180,
    ),
    ListingText(
        kind="offer",
        title="Drama for quiet pupils",
        description=prose("""
            A workshop for a dozen pupils who rarely speak in class, with two of your staff taking
            part. Games first, then short scenes in pairs, never in front of an audience. We watch
            for what makes each of them braver and write it down for their teachers.

            It has worked well with selective mutism and with pupils new to English, always in
            agreement with your SENCO.
        """),
        topics=("drama", "speech-language"),
        phases=("ks2", "ks3"),
        suits=SCHOOLS,
        mode="on_site",
        minutes=120,
    ),
    ListingText(
        kind="offer",
        title="Gymnastics with confidence",
        description=prose("""
            The large apparatus is in the hall and nobody dares to put it out. Our PE lead will
            check with your staff how to lift, place and inspect it, teach a lesson with one class,
            and run a hands-on hour after school on rolls, jumps, balances and safe support.

            Wear something to move in. Please make sure that the annual inspection of the
            apparatus is in date.
        """),
        topics=("pe", "premises"),
        phases=("ks1", "ks2"),
        suits=("primary", "secondary", "all-through"),
        mode="on_site",
        minutes=150,
    ),
    ListingText(
        kind="offer",
        title="Catch-up swimming in our pool",
        description=prose("""
            We have pool time on Thursday afternoons that we can share. Send up to fifteen pupils
            who haven’t yet swum 25 metres, with two adults; our instructor takes them for
            intensive half hours while your staff learn to assist from the side.

            One booking covers the meeting, the paperwork and the first two sessions. Changing
            rooms are accessible and there is a hoist.
        """),
        topics=("pe",),
        phases=("ks2",),
        suits=("secondary", "all-through", "special"),
        mode="at_ours",
        minutes=150,
    ),
    ListingText(
        kind="offer",
        title="A-level PE practical moderation",
        description=prose("""
            Bring your candidates or bring your video: we’ll standardise practical performance with
            you across the sports we know well (football, netball, athletics, climbing, swimming)
            and find you someone for those we don’t.

            Includes an hour on the evaluation task, where most marks are lost.
        """),
        topics=("pe", "assessment"),
        phases=("post-16",),
        suits=SIXTH_FORM,
        mode="at_ours",
        minutes=210,
    ),
    ListingText(
        kind="offer",
        title="Inclusive sports festival kit",
        description=prose("""
            Boccia, new age kurling, seated volleyball, table cricket. We own the equipment and
            have people trained to referee it. We’ll come for a day, train twelve of your young
            leaders in the morning, and run a festival with them for one or two year groups after
            lunch.

            Everybody plays: that is the only rule we won’t bend.
        """),
        topics=("pe", "send"),
        phases=("ks2", "ks3", "special"),
        suits=("secondary", "special", "all-through"),
        mode="on_site",
        minutes=330,
    ),
    ListingText(
        kind="offer",
        title="Starting a forest school",
        description=prose("""
            Come for a morning in our woodland patch. It’s about the size of two tennis courts, so
            don’t let a small site put you off. You’ll watch a session from kit-up to hot
            chocolate, then walk the boundary with our leader and talk about training, ratios,
            tool use, toilets and persuading the caretaker.

            Waterproofs. Really.
        """),
        topics=("outdoor-learning",),
        phases=("early-years", "ks1", "ks2"),
        suits=("nursery", "primary", "all-through", "special"),
        mode="at_ours",
        minutes=180,
    ),
    ListingText(
        kind="offer",
        title="Curriculum gardens and growing",
        description=prose("""
            Raised beds that look lovely in July and sad in September: we had those too. Our
            gardening lead helps you match what you grow to what you teach and to when people are
            in the building.

            Two hours on site, one of them outside with a class. You get a planting calendar for
            term time, a list of plants that survive the summer, and a few seedlings.
        """),
        topics=("outdoor-learning", "science"),
        phases=("ks1", "ks2"),
        suits=("primary", "special"),
        mode="on_site",
        minutes=120,
    ),
)
