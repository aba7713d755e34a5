"""Offers about running a school: time, money, buildings, machines, paper and lunch."""

from __future__ import annotations

from marketplace.demo.content.listing_text import (
    ANY_SCHOOL,
    SCHOOLS,
    SECONDARY,
    ListingText,
    prose,
)

OFFERS: tuple[ListingText, ...] = (
    ListingText(
        kind="offer",
        title="Build the timetable beside us",
        description=prose("""
            Our timetabler has built fourteen of them and still enjoys it. Come for a day in the
            summer term with your curriculum model, staffing list and worst constraint, and work
            through the build side by side: blocks first, then part-timers, then rooms, then the
            compromises.

            We use one of the usual packages, but the thinking is the same in all. Bring a laptop
            with a copy of your file, and someone who can decide.
        """),
        topics=("timetabling",),
        phases=("ks3", "ks4", "post-16"),
        suits=SECONDARY,
        mode="at_ours",
        minutes=390,
    ),
    ListingText(
        kind="offer",
        title="Timetable health check",
        description=prose("""
            Send us your finished timetable and we’ll tell you, within a week, what it says about
            your school: split classes, non-specialist teaching, where the part-timers’ gaps are,
            which Year 9 group has every core lesson after lunch. Then a call of an hour to talk
            about what can still be moved.

            In April and May we can turn it round in two days.
        """),
        topics=("timetabling", "data"),
        phases=("ks3", "ks4"),
        suits=SECONDARY,
        mode="online",
        minutes=150,
    ),
    ListingText(
        kind="offer",
        title="Primary timetables and PPA puzzles",
        description=prose("""
            Hall slots, swimming, PPA in pairs, the specialist who can only do Wednesdays, lunch in
            three sittings. Our deputy does this with coloured cards on a table. Two hours online
            with yours (the cards work on camera) and you’ll have a version that holds.
        """),
        topics=("timetabling",),
        phases=("ks1", "ks2"),
        suits=("primary", "special", "all-through"),
        mode="online",
        minutes=120,
    ),
    ListingText(
        kind="offer",
        title="First budget for a new SBM",
        description=prose("""
            A school business manager’s first budget is a lonely thing. Ours will come for a day in
            the spring term: staffing lines checked one by one, what is really committed, what the
            forecast assumes, virements, and a governors’ summary in plain words.

            We sign whatever confidentiality you like. Payroll report and last year’s outturn on
            the table, please, and the phone to voicemail.
        """),
        topics=("finance",),
        phases=("whole-school",),
        suits=ANY_SCHOOL,
        mode="on_site",
        minutes=360,
    ),
    ListingText(
        kind="offer",
        title="Contracts: what are you still paying for?",
        description=prose("""
            Photocopiers, water coolers, software nobody opens, a franking machine. We go down your
            list of contracts on a call, mark the renewal dates, and show you how we buy:
            frameworks, three quotes that mean something, and saying no to rollover.

            Most schools find at least one surprise. Send the purchase ledger for a year, suppliers
            only.
        """),
        topics=("finance",),
        phases=("whole-school",),
        suits=ANY_SCHOOL,
        mode="online",
        minutes=90,
    ),
    ListingText(
        kind="offer",
        title="Curriculum-led financial planning, explained",
        description=prose("""
            Contact ratio, average class size, cost per period: three numbers that connect the
            timetable with the bank balance. A session for a head and business manager together,
            since that’s the conversation that matters, using your own figures.

            About two hours, and you keep the workbook.
        """),
        topics=("finance", "timetabling"),
        phases=("ks3", "ks4"),
        suits=SECONDARY,
        mode="on_site",
        minutes=135,
    ),
    ListingText(
        kind="offer",
        title="Premises compliance walk",
        description=prose("""
            Our site manager and yours walk the building with a torch and a list. Fire doors,
            water temperatures, ladders, asbestos register, playground surfaces, boiler room, and
            the cupboard that everyone has forgotten.

            You get a list sorted into today, this term and this year. It isn’t a statutory
            inspection and doesn’t replace one; it does mean the next will hold fewer surprises.
        """),
        topics=("premises",),
        phases=("whole-school",),
        suits=ANY_SCHOOL,
        mode="on_site",
        minutes=195,
    ),
    ListingText(
        kind="offer",
        title="Caretaker cover and handover",
        description=prose("""
            When your caretaker is away, or leaves with the keys to everything in his head. Our
            premises team can open up for a morning, show a stand-in the daily and weekly checks,
            and help to write the handover book that should have existed.

            – locks, alarms, lights, heating
            – weekly tests and where to record them
            – deliveries, contractors, lettings
            – who to ring when it floods

            Within about half an hour’s drive, please: the day begins at six.
        """),
        topics=("premises",),
        phases=("whole-school",),
        suits=SCHOOLS,
        mode="on_site",
        minutes=300,
    ),
    ListingText(
        kind="offer",
        title="Classroom devices without regret",
        description=prose("""
            Before you spend it: come and see how ours are used, stored, charged, filtered and
            broken. Our network manager and a class teacher give you the two sides of the story,
            and you can try the same lesson on three kinds of device.

            For the person with the budget and the person with the class.
        """),
        topics=("school-it", "computing"),
        phases=("whole-school",),
        suits=SCHOOLS,
        mode="at_ours",
        minutes=120,
    ),
    ListingText(
        kind="offer",
        title="Cyber incident rehearsal",
        description=prose("""
            It’s Monday, 7.45, and nothing logs in. Your senior team, office and IT have two hours,
            and we hand out a new envelope every ten minutes. Who has the phone numbers on paper?
            Can you take a register? Who talks to parents? Who may switch things off?

            We’ve run the exercise for several schools. Nobody has died. You finish with a plan on
            four pages and a very short shopping list.
        """),
        topics=("school-it", "senior-leadership"),
        phases=("whole-school",),
        suits=ANY_SCHOOL,
        mode="on_site",
        minutes=150,
    ),
    ListingText(
        kind="offer",
        title="In-year admissions, tidied up",
        description=prose("""
            Applications, waiting lists, fair access, leavers who haven’t quite left: our admissions
            officer will share her tracker on screen and go through how each case moves from first
            phone call to first day. For office staff, especially those who do this between the
            telephone and the sick bowl.
        """),
        topics=("office", "starting-school"),
        phases=("whole-school",),
        suits=SCHOOLS,
        mode="online",
        minutes=60,
    ),
    ListingText(
        kind="offer",
        title="Data protection spring clean",
        description=prose("""
            Half a day with our data protection lead: retention schedule against real cupboards,
            shared drives and inboxes; a subject access request worked through from the day it
            lands; what to ask a supplier before anyone uploads a class list.

            Best with your office manager, DSL and IT lead together for the first hour. Comes with
            a supply of stickers reading “Do we need this?”.
        """),
        topics=("office", "school-it"),
        phases=("whole-school",),
        suits=ANY_SCHOOL,
        mode="on_site",
        minutes=180,
    ),
    ListingText(
        kind="offer",
        title="School kitchen: in-house again",
        description=prose("""
            We brought our catering back in house. Our cook and our business manager will show you
            round during service, let you taste it, and go through menus, allergens, staffing,
            suppliers and the sums – the good months and the others.

            Numbers are limited to three because the kitchen is small and the knives are sharp. Hair
            nets provided.
        """),
        topics=("catering", "finance"),
        phases=("whole-school",),
        suits=SCHOOLS,
        mode="at_ours",
        minutes=150,
    ),
    ListingText(
        kind="offer",
        title="Calmer dining halls",
        description=prose("""
            Noise, queues, trays on the floor, twelve minutes to eat. We’ll watch a lunchtime with
            you from the first sitting to the last table wiped and then redraw it: entry, seating,
            music or no music, jobs for children, jobs for adults.

            Ask your kitchen and midday staff to stay for half an hour afterwards. They’ll have
            the best ideas.
        """),
        topics=("catering", "behaviour", "support-staff"),
        phases=("ks1", "ks2"),
        suits=("primary", "special", "all-through"),
        mode="on_site",
        minutes=150,
    ),
    ListingText(
        kind="offer",
        title="Trips: an EVC’s starter pack",
        description=prose("""
            For a new educational visits coordinator. In ninety minutes online we approve three
            pretend trips: a walk to the library, a theatre at night, a week in the mountains, each
            with something wrong. You’ll spot it, or you’ll never forget it.

            We share forms, ratios as we apply them, and our emergency card.
        """),
        topics=("premises", "outdoor-learning"),
        phases=("whole-school",),
        suits=SCHOOLS,
        mode="online",
        minutes=90,
    ),
)
