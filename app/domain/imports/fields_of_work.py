"""Which field of work a job belongs to, told from words of its title and of the source's own categories.

The words are English, with the commonest of Polish, German, Portuguese and Arabic. The first row that matches wins, so
what is particular (a nurse, a data engineer) stands before what is general (an engineer).
"""

import re

OTHER = "other"
_OPENING = 1_500

_PARTICULAR = (
    (
        "engineering",
        "(?:electrical|mechanical|civil|structural|chemical|industrial|aerospace|electronics|petroleum|nuclear"
        "|environmental|hardware|manufacturing|process|geotechnical|biomedical"
        r"|controls?)\b[\w\s,&/-]{0,30}engineer",
    ),
    (
        "design",
        "(?:product|graphic|ux|ui|visual|interaction|experience) design",
    ),
    (
        "data",
        "data (?:scien|analy|engineer|architect|stew|govern|model|manag|warehous|platform|quality|speciali)"
        r"|\bbig data|machine learning|deep learning|\bml\b|\bai\b(?! market| sales)|business intelligence|\bbi\b"
        "|analytics|statistic|quantitative|operations research|analityk|cientista de dados|engenheir. ?de ?dados"
        "|analista ?de ?dados",
    ),
    (
        "healthcare",
        r"nurs(?:e|ing)|\brgn\b|\brmn\b|\brn\b|\blpn\b|\bcna\b|physician|medical|dental|dentist|clinical"
        r"|care (?:assistant|worker|home|manager|coordinator)|social care|carer\b|caregiver|support worker|therap"
        "|pharmac|paramedic|midwi|hospital|health ?care|health (?:aide|visitor)|surgeon|veterinar|radiograph"
        r"|optometr|optician|psycholog|dietit|pflege|\barzt|ärzt|lekarz|pielęgniar|farmac|fizjoterap|medycz"
        "|weteryn|opiekun|ratownik|ممرض|طبيب|طبي|صيدل",
    ),
    (
        "it-security",
        "cyber|infosec|(?:information|product|cloud|network|application|infrastructure) security"
        "|security (?:engineer|analyst|architect|operations|consultant|research|soft)|penetration test"
        r"|network (?:engineer|admin)|systems? admin|sysadmin|\bit (?:support|speciali|manager|admin|technic"
        "|service)|help ?desk|support engineer|service desk|information technology|desktop support"
        "|administrator (?:system|sieci|it)|administrador de (?:redes|sistemas)|suporte|cloud (?:engineer|admin"
        "|architect)|ciberseguran|informaty",
    ),
    (
        "software",
        r"software|develop(?:er|ment engineer)|programm(?:er|ist)|full.?stack|front.?end|back.?end|devops|\bsre\b"
        r"|site reliability|\bios\b|android|python|\bjava\b|javascript|typescript|\bruby\b|rails\b|golang|\.net\b"
        r"|\bphp\b|react|\bqa\b|test(?:er|ing| engineer| automation)|web engineer|platform engineer|programist"
        r"|desenvolved|programador|entwickler|engineers?$|founding engineer|multiple engineer|\bsap\b|\bcto\b"
        "|(?:infrastructure|security|staff|senior|lead|principal|production|solutions?"
        r"|applications?) engineers?\b|engineering (?:manager|lead|roles)|مبرمج|برمج",
    ),
    (
        "legal",
        r"lawyer|attorney|\blegal|counsel\b|paralegal|complian|solicitor|\bprawn|\bradca|jurist|محام",
    ),
    (
        "people",
        r"recruit|talent|human resource|\bhr\b|people (?:op|partner|team)|kadr|rekrut|personalreferent"
        "|zasoby ludzkie",
    ),
    (
        "education",
        r"teach|tutor|professor|lectur|instructor|\btrainer|nauczyciel|lehrer|wykładow|school|faculty|pedagog"
        "|wychowawc|przedszkol|edukac|educat|szkoleni|مدرس|معلم|تدريسي|جامعة|كلية",
    ),
    (
        "public-sector",
        r"police|firefight|fire fight|social work|security (?:guard|officer)|\bguard|probation|customs|border"
        "|military|ochron|strażnik|pracownik socjalny|emergency manage|non-?profit|public policy|government|حارس"
        "|انتخاب",
    ),
    (
        "hospitality",
        r"\bchef|\bcook\b|waiter|waitress|barista|bartend|hotel|restaurant|kitchen|housekeep|catering|\bfood"
        r"|hostess|kelner|kuchar|pokoj|gastronom|sous\b|travel|touris|hospitality|cafe\b|طباخ|شيف|مطعم|كافيه",
    ),
    (
        "logistics",
        r"driver|chauffeur|\bdrive\b|deliver(?:y|ies) (?!manager|lead)|logisti|warehouse|supply chain|courier"
        r"|freight|forklift|truck|transport|dispatch|kierowc|magazyn|kurier|fahrer|\blager|spedy|wózk|procurement"
        r"|purchas|\bbuyer|zakup|سائق|توصيل",
    ),
    (
        "construction",
        r"construct|electrician|plumb|carpent|\bhvac|painter|roofer|builder|site manager|budow|elektryk|hydraul"
        r"|murarz|cieśla|bauleiter|dekarz|malarz|maintenance|mechanic\b|mechanik|installation|instalator|brukarz"
        r"|elektromonter|installateur|elektroniker|elektriker|trade\b|skilled trades",
    ),
    (
        "manufacturing",
        r"manufactur|production (?!design)|machine operator|assembl|welder|machinist|\bcnc\b|operator|produkc"
        r"|monter|ślusarz|spawacz|tokarz|frezer|\bfitter|factory|szwacz|praca fizyczna|pakow|pracownik fizyczny"
        "|quality control|kontroler jakości|stolarz|lakiernik",
    ),
    (
        "design",
        r"design|\bux\b|\bui\b|graphic|creative|art director|illustrat|animat|video|photograph|grafik|fotograf"
        "|مصمم",
    ),
    (
        "marketing",
        r"marketing|\bseo\b|\bbrand|social media|content (?:strateg|creat|market|manag)|communications"
        r"|public relations|\bpr\b|growth|advertis|e-commerce|\bmedia buyer|تسويق",
    ),
    (
        "media",
        r"journalis|\beditor|writer|writing|reporter|translat|interpreter|redaktor|tłumacz|transcri|media\b"
        "|producer|الاخبار",
    ),
    (
        "customer-support",
        "customer (?:serv|supp|succ|care|exp|rel|adv|engag)|call cent|client (?:service|support|success)"
        "|technical support|support (?:agent|special|rep)|obsług[ai] klient|kundenservice|kundenbetreu"
        "|konsultant telefon|خدمة العملاء",
    ),
    (
        "retail",
        r"retail|\bstore\b|cashier|shop|merchandis|sprzedawc|kasjer|verkäufer|sales assistant|كاشير",
    ),
    (
        "sales",
        r"\bsales(?!force)|account (?:exec|manag|strateg|director)|business development|\bbdr\b|\bsdr\b|handlow"
        "|przedstawiciel|sprzedaż|vertrieb|verkauf|vendas|comercial|partnership|مبيعات|مندوب",
    ),
    (
        "finance",
        r"account(?:ant|ing|s)\b|financ|finans|audit|\btax\b|bookkeep|payroll|treasur|controller|księgow"
        r"|kontroling|buchhalt|bank|actuar|underwrit|insurance|invest|credit|\bloan|ubezpiecz|ekonom|محاسب",
    ),
    (
        "product",
        "product (?:manag|owner|lead|special)|project|program(?:me)? manag|scrum|agile",
    ),
    (
        "science",
        "scien|research|biolog|chemi(?:st|c)|physic|geolog|hydrolog|forestry|ecolog|laborator|laborant|wildlife"
        r"|\bfish|biotech|geodes|meteorolog|natural resources|soil|badania|badawcz|range tech|مختبر",
    ),
    (
        "engineering",
        r"engineer|architect|inżynier|konstruktor|ingenieur|projektant|technolog\b|\bcad\b|aerospace|\benergy|oil"
        "|hardware|survey|مهندس|civil",
    ),
)

_GENERAL = (
    (
        "it-security",
        r"\bit\b|computer|internet|network|technical|telekom|telecom|infraestrutura|\bti\b",
    ),
    (
        "operations",
        "admin|assistant|secretar|receptionist|clerk|office|operations|data entry|coordinat|asystent|sekretar"
        "|biur|recepcj|sachbearbeit|facilit|referent|سكرتير|موظف|سكرتارية",
    ),
    (
        "construction",
        "technician|technik|real estate|property|nieruchomoś|serwis",
    ),
    (
        "management",
        r"manag|director|consult|strateg|executive|chief|kierownik|dyrektor|menedżer|doradc|doradz|head of|\bvp\b"
        r"|president|\bceo\b|business|leiter|مدير",
    ),
)

_particular = tuple((slug, re.compile(words)) for slug, words in _PARTICULAR)
_general = tuple((slug, re.compile(words)) for slug, words in _GENERAL)


def _commonest(words: str) -> str | None:
    """The field most often named in running text, if it is named more than once."""
    counts = {slug: len(pattern.findall(words)) for slug, pattern in reversed(_particular)}
    slug = max(counts, key=counts.__getitem__)
    return slug if counts[slug] > 1 else None


def _first(rows: tuple[tuple[str, re.Pattern[str]], ...], words: str) -> str | None:
    return next((slug for slug, pattern in rows if pattern.search(words)), None)


def field_of_work(title: str, category: str, industry: str, text: str) -> str:
    """Slug of the field of work.

    What the title says for certain, else the source's category, its industry, what the title may mean, and at last
    what the beginning of the text speaks of most.
    """
    title = title.casefold()
    found = _first(_particular, title)
    for theirs in (category.casefold(), industry.casefold()):
        found = found or _first(_particular, theirs) or _first(_general, theirs)
    return found or _first(_general, title) or _commonest(text[:_OPENING].casefold()) or OTHER
