"""Names and jobs for the invented staff of the demonstration."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Literal

from marketplace.demo.content.listing_text import (
    ANY_SCHOOL,
    PRIMARY,
    SCHOOLS,
    SECONDARY,
    SIXTH_FORM,
    SchoolPhase,
)

SchoolRole = Literal["member", "coordinator", "finance", "administrator"]


@dataclass(frozen=True, slots=True)
class JobTitle:
    """A job at a school of these phases whose holder would play this role in the network."""

    title: str
    role: SchoolRole
    suits: tuple[SchoolPhase, ...] = ANY_SCHOOL


def job_titles(role: SchoolRole, school_phase: SchoolPhase) -> tuple[str, ...]:
    """The jobs of people who hold ``role`` at a school of this phase; never empty."""
    return tuple(job.title for job in JOB_TITLES if job.role == role and school_phase in job.suits)


def staff_name(random: Random) -> tuple[str, str]:
    """Draw a first name and a surname that are at home together, as most people’s are."""
    pool, other = random.choices(NAME_POOLS, [pool.weight for pool in NAME_POOLS], k=2)
    surnames = other.surnames if random.randrange(8) == 0 else pool.surnames
    return random.choice(pool.first_names), random.choice(surnames)


@dataclass(frozen=True, slots=True)
class NamePool:
    """First names and surnames that go together; ``weight`` is its share in a hundred staff."""

    weight: int
    first_names: tuple[str, ...]
    surnames: tuple[str, ...]


def _listed(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.replace("\n", " ").split(","))


NAME_POOLS: tuple[NamePool, ...] = (
    NamePool(
        weight=76,
        first_names=_listed("""
            Abigail, Adam, Alan, Alexandra, Alison, Amanda, Amy, Andrew, Angela, Anna, Anthony,
            Barbara, Benjamin, Bethany, Beverley, Callum, Caroline, Catherine, Charlotte, Chloe,
            Christopher, Claire, Colin, Craig, Daniel, David, Dawn, Deborah, Denise, Dominic, Donna,
            Edward, Eleanor, Elizabeth, Emily, Emma, Fiona, Frances, Gareth, Gemma, George, Georgia,
            Graham, Hannah, Harriet, Hayley, Heather, Helen, Ian, Isabel, Jack, Jacqueline, James,
            Jane, Jennifer, Jessica, Joanna, Jonathan, Judith, Julie, Karen, Kate, Kathryn, Keith,
            Kelly, Kerry, Kieran, Laura, Lauren, Leanne, Lesley, Linda, Lisa, Louise, Lucy, Maeve,
            Margaret, Mark, Martin, Mary, Matthew, Melanie, Michael, Michelle, Natalie, Neil,
            Nicola, Nigel, Oliver, Olivia, Patricia, Patrick, Paul, Paula, Peter, Philippa, Rachel,
            Rebecca, Richard, Robert, Roisin, Rosemary, Ruth, Sally, Samantha, Samuel, Sandra,
            Sarah, Sean, Sharon, Simon, Siobhan, Sophie, Stacey, Stephen, Stuart, Susan, Thomas,
            Tracey, Vanessa, Victoria, Wendy, William, Zoe
        """),
        surnames=_listed("""
            Abbott, Allen, Anderson, Ashworth, Atkinson, Bailey, Baker, Barker, Barnes, Bell,
            Bennett, Booth, Bradley, Brennan, Briggs, Brooks, Brown, Burton, Butler, Byrne, Carter,
            Chapman, Clarke, Clayton, Cole, Collins, Cook, Cooper, Cox, Crossley, Dawson, Dean,
            Dixon, Donnelly, Dunn, Edwards, Ellis, Entwistle, Evans, Farrell, Fielding, Fisher,
            Fletcher, Foster, Fox, Gallagher, Gibson, Goodwin, Graham, Green, Greenwood, Griffiths,
            Hall, Harris, Harrison, Hartley, Haworth, Hill, Holmes, Holt, Howarth, Hughes, Hunt,
            Jackson, Jenkins, Jones, Kelly, Kendall, Kennedy, King, Knight, Lane, Lawson, Lewis,
            Lloyd, Lowe, Marsh, Marshall, Martin, Mason, Matthews, McCarthy, McDonald, McKenzie,
            Middleton, Miller, Mills, Moore, Morgan, Morris, Murphy, Murray, Naylor, Newton,
            O’Brien, O’Connor, Oldfield, Owen, Palmer, Parker, Parkinson, Pearson, Phillips, Powell,
            Price, Read, Reynolds, Rhodes, Richards, Roberts, Rogers, Rose, Ross, Russell, Ryan,
            Sanders, Saunders, Schofield, Shaw, Simpson, Slater, Smith, Spencer, Stevens, Stone,
            Sutcliffe, Taylor, Thompson, Turner, Walker, Walsh, Ward, Watson, Webb, Wells, West,
            White, Whittaker, Wilkinson, Williamson, Wilson, Wood, Wright, Young
        """),
    ),
    NamePool(
        weight=9,
        first_names=_listed("""
            Aisha, Amina, Amir, Bilal, Farah, Fatima, Hassan, Imran, Khadija, Maryam, Mohammed,
            Nadia, Noor, Parveen, Rukhsana, Sadia, Shabnam, Tariq, Yasmin, Yusuf, Zainab
        """),
        surnames=_listed("""
            Ahmed, Akhtar, Alam, Ali, Begum, Bhatti, Chaudhry, Hanif, Hussain, Iqbal, Islam, Khan,
            Mahmood, Malik, Miah, Qureshi, Rahman, Rashid, Uddin, Zaman
        """),
    ),
    NamePool(
        weight=6,
        first_names=_listed("""
            Anil, Anita, Asha, Deepa, Gurpreet, Harjit, Jasmine, Kulvinder, Manjit, Nisha, Priya,
            Raj, Ravi, Sanjay, Sunita, Usha, Vijay
        """),
        surnames=_listed("""
            Desai, Dhillon, Gill, Gupta, Joshi, Kaur, Kumar, Mistry, Patel, Perera, Sandhu, Shah,
            Sharma, Singh
        """),
    ),
    NamePool(
        weight=5,
        first_names=_listed("""
            Adaeze, Amara, Antonia, Chidi, Dionne, Esther, Femi, Grace, Joy, Josephine, Kwame,
            Marcus, Naomi, Olumide, Shanice, Tamara, Temi, Winston
        """),
        surnames=_listed("""
            Adebayo, Adeyemi, Appiah, Bailey, Campbell, Douglas, Francis, Gordon, Grant, Hamilton,
            James, Johnson, Mensah, Mitchell, Nwosu, Okafor, Osei, Owusu, Reid, Robinson, Stewart,
            Thomas, Williams
        """),
    ),
    NamePool(
        weight=3,
        first_names=_listed("""
            Aneta, Elena, Ioana, Katarzyna, Magdalena, Maria, Mehmet, Monika, Tomasz, Valentina
        """),
        surnames=_listed("""
            Demir, Fernandes, Georgiou, Kowalski, Marino, Nowak, Popescu, Silva, Varga, Yilmaz
        """),
    ),
    NamePool(
        weight=1,
        first_names=_listed("Hui, Jun, Kenneth, Lian, Mei, Wei, Winnie"),
        surnames=_listed("Chan, Chen, Cheung, Lee, Nguyen, Tan, Wong"),
    ),
)

FIRST_NAMES: tuple[str, ...] = tuple(
    sorted({name for pool in NAME_POOLS for name in pool.first_names})
)
SURNAMES: tuple[str, ...] = tuple(sorted({name for pool in NAME_POOLS for name in pool.surnames}))

JOB_TITLES: tuple[JobTitle, ...] = (
    JobTitle("Deputy headteacher", "coordinator", SCHOOLS),
    JobTitle("Assistant headteacher", "coordinator", SCHOOLS),
    JobTitle("Headteacher", "coordinator", ("nursery", *SCHOOLS)),
    JobTitle("Principal", "coordinator", ("16 plus",)),
    JobTitle("Vice principal", "coordinator", SIXTH_FORM),
    JobTitle("Assistant principal", "coordinator", SIXTH_FORM),
    JobTitle("Head of school", "coordinator", PRIMARY),
    JobTitle("Deputy head of nursery", "coordinator", ("nursery",)),
    JobTitle("Director of teaching and learning", "coordinator", SIXTH_FORM),
    JobTitle("Professional development lead", "coordinator"),
    JobTitle("Partnerships and outreach lead", "coordinator"),
    JobTitle("School business manager", "finance"),
    JobTitle("Finance manager", "finance"),
    JobTitle("Finance officer", "finance"),
    JobTitle("Director of finance and operations", "finance", SIXTH_FORM),
    JobTitle("Office manager", "administrator"),
    JobTitle("Headteacher’s PA", "administrator", SCHOOLS),
    JobTitle("Senior administrator", "administrator"),
    JobTitle("Operations manager", "administrator", SIXTH_FORM),
    JobTitle("English lead", "member", PRIMARY),
    JobTitle("Maths lead", "member", PRIMARY),
    JobTitle("Phonics lead", "member", PRIMARY),
    JobTitle("Early years leader", "member", ("nursery", "primary", "all-through")),
    JobTitle("Key Stage 1 leader", "member", PRIMARY),
    JobTitle("Key Stage 2 leader", "member", PRIMARY),
    JobTitle("Class teacher", "member", ("primary", "special")),
    JobTitle("Nursery teacher", "member", ("nursery",)),
    JobTitle("SENCO", "member"),
    JobTitle("Designated safeguarding lead", "member"),
    JobTitle("Family liaison officer", "member", ("nursery", *SCHOOLS)),
    JobTitle("Higher-level teaching assistant", "member", SCHOOLS),
    JobTitle("Head of English", "member", SECONDARY),
    JobTitle("Head of mathematics", "member", SECONDARY),
    JobTitle("Head of science", "member", SECONDARY),
    JobTitle("Head of languages", "member", SECONDARY),
    JobTitle("Head of humanities", "member", SECONDARY),
    JobTitle("Head of Year 7", "member", SECONDARY),
    JobTitle("Head of Year 10", "member", SECONDARY),
    JobTitle("Head of sixth form", "member", SECONDARY),
    JobTitle("Careers leader", "member", (*SIXTH_FORM, "special")),
    JobTitle("Exams officer", "member", SIXTH_FORM),
    JobTitle("Attendance officer", "member", SCHOOLS),
    JobTitle("Data manager", "member", SIXTH_FORM),
    JobTitle("Curriculum manager", "member", ("16 plus",)),
    JobTitle("Outreach teacher", "member", ("special",)),
    JobTitle("Resource base lead", "member", ("primary", "secondary")),
    JobTitle("Site manager", "member"),
)

NETWORK_JOB_TITLES: dict[Literal["operator", "auditor"], tuple[str, ...]] = {
    "operator": ("Network manager", "Member schools officer"),
    "auditor": ("Network auditor", "Internal audit lead"),
}
