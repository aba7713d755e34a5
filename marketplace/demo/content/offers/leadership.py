"""Offers about curriculum, assessment, leadership, governance and professional development."""

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
        title="Curriculum maps on one page",
        description=prose("""
            A subject on a page: what is taught, in which order, why then, and what pupils should
            still know a year later. Our curriculum lead works with up to four of your subject
            leaders at once, each on their own subject, and nobody leaves with homework.

            Bring whatever exists, however untidy. The four pages usually show up an overlap or a
            hole between subjects within the first hour, which is the real prize.
        """),
        topics=("curriculum", "middle-leadership"),
        phases=("ks1", "ks2", "ks3"),
        suits=("primary", "secondary", "all-through"),
        mode="on_site",
        minutes=180,
    ),
    ListingText(
        kind="offer",
        title="Mixed-age planning cycles",
        description=prose("""
            Two year groups in a room, sometimes three, and a curriculum written for one. We can
            help you lay out a two-year cycle in history, geography and science that doesn’t teach
            electricity before circuits, and decide which subjects shouldn’t be on a cycle at all.

            Online, with as many of your teachers as you like; small staffs should all come. We
            share our cycle, and the one we abandoned.
        """),
        topics=("curriculum",),
        phases=("ks1", "ks2"),
        suits=PRIMARY,
        mode="online",
        minutes=105,
    ),
    ListingText(
        kind="offer",
        title="A curriculum for complex needs",
        description=prose("""
            For special schools and resource bases: how we plan for pupils working well below
            their age without an endless loop of the same early years topics. We’ll show you our
            strands, how they meet an annual review outcome, and how progress is recorded with
            film and one sentence.

            Visit us for a morning with two or three teachers. You’ll see classes at three stages.
        """),
        topics=("curriculum", "send", "assessment"),
        phases=("special",),
        suits=("special",),
        mode="at_ours",
        minutes=210,
    ),
    ListingText(
        kind="offer",
        title="Comparative judgement of writing",
        description=prose("""
            Judge sixty pieces of writing in an hour and argue about three of them: it’s quicker
            than moderation by checklist and a good deal more interesting. We set the session up,
            run it for your team and talk through what the results can and can’t tell you.

            You need scanned scripts a week before (we’ll explain how), a device for each judge and
            a willingness to be surprised by your own preferences.
        """),
        topics=("assessment", "writing"),
        phases=("ks2", "ks3"),
        suits=("primary", "secondary", "all-through"),
        mode="on_site",
        minutes=120,
    ),
    ListingText(
        kind="offer",
        title="Year 6 writing moderation",
        description=prose("""
            Come with three collections: one secure, one borderline, one that splits the staffroom.
            An experienced moderator from our school chairs two hours at our table with tea, the
            framework and no raised voices. Up to three schools together, which makes it better.

            You leave with agreed judgements and written reasons for the file.
        """),
        topics=("assessment", "writing"),
        phases=("ks2",),
        suits=PRIMARY,
        mode="at_ours",
        minutes=120,
    ),
    ListingText(
        kind="offer",
        title="Marking less, noticing more",
        description=prose("""
            We replaced written marking with whole-class feedback in most subjects. Our teaching and
            learning lead will spend a staff meeting showing how it works on a real set of books,
            and take questions from anyone who thinks that it’s a dodge.

            Please bring a set of ten books each. A short session with your senior team before it,
            about what you’ll stop asking for, is part of the offer and not to be skipped.
        """),
        topics=("assessment", "coaching"),
        phases=("whole-school",),
        suits=SCHOOLS,
        mode="on_site",
        minutes=120,
    ),
    ListingText(
        kind="offer",
        title="Make your data smaller",
        description=prose("""
            How many data drops do you have, and who reads the third? Our deputy and our data
            manager will go through your assessment calendar on a call, line by line, and help you
            to cut it. We went from six to three and nobody has asked for the others back.

            Send the calendar and one report as it goes to governors.
        """),
        topics=("data", "assessment"),
        phases=("whole-school",),
        suits=SCHOOLS,
        mode="online",
        minutes=90,
    ),
    ListingText(
        kind="offer",
        title="Sixth form data, week by week",
        description=prose("""
            A working session for heads of sixth form: attendance, effort and retention on a single
            screen, built out of what your information system already exports. We bring a
            spreadsheet with the formulas in it; you bring an export with the names replaced by
            numbers, and someone who isn’t afraid of a pivot table.
        """),
        topics=("data", "attendance"),
        phases=("post-16",),
        suits=SIXTH_FORM,
        mode="online",
        minutes=75,
    ),
    ListingText(
        kind="offer",
        title="Train your exam invigilators",
        description=prose("""
            An afternoon for new and returning invigilators, led by our exams officer with our
            senior invigilator: seating plans, starting and stopping, late arrivals, phones,
            reading and scribing, fire bells, malpractice, and how to stand still for two hours.

            Up to twenty-five people. We use your own centre’s paperwork, so send it ahead. There’s
            a quiz; everybody fails the question about watches.
        """),
        topics=("exams",),
        phases=("ks4", "post-16"),
        suits=SIXTH_FORM,
        mode="on_site",
        minutes=165,
    ),
    ListingText(
        kind="offer",
        title="Exams officer buddy day",
        description=prose("""
            A new exams officer should not have to learn the year by living through it. Ours will
            spend a day with yours: the calendar, entries and amendments, secure storage, the
            inspector’s visit, results days, appeals. Then she stays at the end of a phone for the
            season.

            Choose a day in the autumn, before entries. Just a desk and a kettle needed.
        """),
        topics=("exams", "office"),
        phases=("ks4", "post-16"),
        suits=SIXTH_FORM,
        mode="on_site",
        minutes=360,
    ),
    ListingText(
        kind="offer",
        title="Thinking time for headteachers",
        description=prose("""
            An hour and a half with another head who isn’t your line manager, your adviser or your
            inspector. You choose the agenda, including having none. Our head is a trained coach
            and does this for a small number of colleagues each term, online or on foot.

            Nothing to prepare. New heads in their first year are particularly welcome.
        """),
        topics=("senior-leadership", "coaching"),
        phases=("whole-school",),
        suits=ANY_SCHOOL,
        mode="online",
        minutes=90,
    ),
    ListingText(
        kind="offer",
        title="Thinking about a trust?",
        description=prose("""
            We’ve been through the conversations: maintained school, federation, trust, and the long
            evenings in between. Our head and chair of governors will meet yours for a frank
            two hours about what changed, what didn’t, what it cost in time and what we would ask
            now that we didn’t know to ask then.

            We aren’t recruiting for anybody and have no view on what you should do.
        """),
        topics=("senior-leadership", "governance"),
        phases=("whole-school",),
        suits=SCHOOLS,
        mode="at_ours",
        minutes=120,
    ),
    ListingText(
        kind="offer",
        title="Subject leadership in small staffs",
        description=prose("""
            Leading three subjects on one afternoon a term is a different craft from leading a
            department. This online session is for teachers who do: what to monitor and what to
            trust, a subject file that isn’t a museum, and how to say no to the fourth subject.

            Come with colleagues: it’s more useful, and more fun, in threes.
        """),
        topics=("middle-leadership",),
        phases=("ks1", "ks2"),
        suits=PRIMARY,
        mode="online",
        minutes=75,
    ),
    ListingText(
        kind="offer",
        title="New head of department? Start here",
        description=prose("""
            Half a day with one of our experienced heads of department, in your school, on your
            real problems. Typically: the first department meeting, a timetable nobody likes, one
            colleague who’s brilliant and late, and results analysis by Friday.

            The morning ends with a lesson drop-in done together and a talk about what each of you
            saw. We’re happy to come again in the spring.
        """),
        topics=("middle-leadership", "coaching"),
        phases=("ks3", "ks4"),
        suits=SECONDARY,
        mode="on_site",
        minutes=210,
    ),
    ListingText(
        kind="offer",
        title="Phase leaders: leading the team next door",
        description=prose("""
            Last year you were in the team and now you lead it. Four short sessions over half a
            term for up to six phase leaders from different schools, online after school: meetings
            worth having, feedback to friends, sharing out the dull jobs, and managing upwards.

            One booking covers one person for all four. Dates are agreed by the group at the start.
        """),
        topics=("middle-leadership", "npq"),
        phases=("early-years", "ks1", "ks2"),
        suits=PRIMARY,
        mode="online",
        minutes=180,
    ),
    ListingText(
        kind="offer",
        title="Governors and the budget",
        description=prose("""
            A training evening for governors who nod at the finance report. Our business manager
            and our finance governor take a three-year forecast apart, explain what drives it (it’s
            staffing), and give you eight questions that are worth asking.

            We can use our model budget or yours. Six to fifteen governors; clerks welcome.
        """),
        topics=("governance", "finance"),
        phases=("whole-school",),
        suits=ANY_SCHOOL,
        mode="on_site",
        minutes=105,
    ),
    ListingText(
        kind="offer",
        title="Link governor visits that help",
        description=prose("""
            What a good visit looks like, what it isn’t, and a note of it that can be read in a
            minute. An hour online for link governors together with the member of staff they visit.
            Including role play, if your governors are that way inclined.
        """),
        topics=("governance", "peer-review"),
        phases=("whole-school",),
        suits=ANY_SCHOOL,
        mode="online",
        minutes=60,
    ),
    ListingText(
        kind="offer",
        title="Clerking support for one cycle",
        description=prose("""
            Lost your clerk? Our governance professional can see you through a round of meetings:
            agenda with the chair, papers out on time, minutes within a week, and a handover file
            for whoever comes next.

            The time given here covers one full governing board meeting and the work around it. Two
            committees can be added by arrangement. Evenings are fine, Thursdays are best.
        """),
        topics=("governance", "office"),
        phases=("whole-school",),
        suits=SCHOOLS,
        mode="on_site",
        minutes=480,
    ),
    ListingText(
        kind="offer",
        title="Peer review, one honest day",
        description=prose("""
            You choose the question. Three of us come and try to answer it: a senior leader, a
            middle leader and a governor who knows about schools. We talk with pupils, look at
            work, visit lessons alongside your people and write up nothing that we haven’t said to
            you first.

            Questions we’ve been asked: is our reading improvement reaching the lowest twenty per
            cent? What is Year 8 for? Do our middle leaders lead?

            A phone call beforehand settles the timetable. We don’t grade.
        """),
        topics=("peer-review", "senior-leadership"),
        phases=("whole-school",),
        suits=SCHOOLS,
        mode="on_site",
        minutes=390,
    ),
    ListingText(
        kind="offer",
        title="A gentle deep dive",
        description=prose("""
            For a subject leader who would like a practice run with a friendly stranger. An hour of
            questions, two lessons, a chat with six pupils and their books, then feedback, with the
            leader asking us for a change.

            Any foundation subject in a primary, or humanities and arts in a secondary. The leader
            should be the one who invites us: we won’t come as a surprise.
        """),
        topics=("peer-review", "middle-leadership"),
        phases=("ks1", "ks2", "ks3"),
        suits=("primary", "secondary", "all-through"),
        mode="on_site",
        minutes=210,
    ),
    ListingText(
        kind="offer",
        title="Mentor training for ECT mentors",
        description=prose("""
            Mentors get a handbook and a login; what they want is practice. In this twilight your
            mentors watch a short film of teaching, choose one thing to work on, rehearse the
            conversation and have it again better. Three rounds and you can hear the difference.

            Up to twelve mentors, any subject or phase. We’ll send the film beforehand. Works well
            a few weeks into the autumn term, when the first awkward meeting has happened.
        """),
        topics=("ect-mentoring", "coaching"),
        phases=("whole-school",),
        suits=SCHOOLS,
        mode="on_site",
        minutes=105,
    ),
    ListingText(
        kind="offer",
        title="Second placements for trainee teachers",
        description=prose("""
            Need a contrasting school for a trainee? We can host for a taster of one day to see
            whether it’s a match: a timetable of lessons to watch, a meeting with our professional
            tutor, lunch with our own early career teachers and a candid chat about travel.

            Tell us subject or year group, and anything that would make the day easier.
        """),
        topics=("ect-mentoring",),
        phases=("whole-school",),
        suits=SCHOOLS,
        mode="at_ours",
        minutes=300,
    ),
    ListingText(
        kind="offer",
        title="Setting up instructional coaching",
        description=prose("""
            Who coaches, when, released by whom, and is it anything to do with appraisal? (No.) Our
            coaching lead has answered these questions more than once and will help you design a
            first term that you can afford in cover.

            You see a coaching conversation live, with consent, on video from our school. Then
            your pilot coaches try one on each other. Bring the timetable: this stands or falls
            with the timetable.
        """),
        topics=("coaching", "timetabling"),
        phases=("whole-school",),
        suits=SCHOOLS,
        mode="on_site",
        minutes=180,
    ),
    ListingText(
        kind="offer",
        title="NPQ study circle",
        description=prose("""
            Doing an NPQ alone in a small school is hard going. Our study circle meets online for an
            hour before each assessment window: we read the case study format together, plan
            answers aloud and keep one another cheerful. This term: senior leadership and leading
            teaching.

            One booking is one place for two meetings.
        """),
        topics=("npq",),
        phases=("whole-school",),
        suits=ANY_SCHOOL,
        mode="online",
        minutes=120,
    ),
    ListingText(
        kind="offer",
        title="Shadow a deputy for a day",
        description=prose("""
            Ambitious middle leader? Spend a day at our deputy’s elbow: gate duty, a cover crisis,
            line management, a governors’ paper, a detention, whatever turns up. There is an hour
            kept free at two o’clock to talk about what you saw and what you’d have done.

            Everything that needs to stay confidential does. Comfortable shoes.
        """),
        topics=("npq", "senior-leadership"),
        phases=("whole-school",),
        suits=("primary", "secondary", "all-through", "special"),
        mode="at_ours",
        minutes=420,
    ),
    ListingText(
        kind="offer",
        title="TA training: questions before answers",
        description=prose("""
            Teaching assistants are given the hardest conversations in the room and the least
            training for them. This session, run by two of our own teaching assistants, is about
            waiting, prompting in the right order and leaving a child with something still to do.

            An hour and a half, and please pay people to be there. A laminated prompt card goes
            home on every lanyard.
        """),
        topics=("support-staff", "send"),
        phases=("ks1", "ks2", "special"),
        suits=("primary", "special", "all-through"),
        mode="on_site",
        minutes=90,
    ),
    ListingText(
        kind="offer",
        title="HLTA exchange afternoon",
        description=prose("""
            Our higher-level teaching assistants cover, lead interventions and run half the clubs,
            and seldom meet anybody who does the same job. Send yours to us for an afternoon to
            watch ours teach, compare what each is asked to do, and swap planning for cover lessons
            that aren’t word searches.
        """),
        topics=("support-staff",),
        phases=("whole-school",),
        suits=("primary", "secondary", "special", "all-through"),
        mode="at_ours",
        minutes=150,
    ),
)
