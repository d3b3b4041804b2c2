"""Skills, tools and licences that people look for by name. Offered where live postings say them."""

from app.domain.search.text import fold, written

SKILLS = tuple(
    skill.strip()
    for skill in """
Python | Java | JavaScript | TypeScript | C++ | C# | .NET | Go | Rust | Ruby | PHP | Kotlin | Swift | Scala |
Perl | R | SQL | PostgreSQL | MySQL | Oracle | MongoDB | Redis | Elasticsearch | Kafka | Spark | Hadoop |
Snowflake | dbt | Airflow | React | Angular | Vue.js | Node.js | Next.js | Django | Flask | Spring Boot |
Ruby on Rails | Laravel | GraphQL | REST API | HTML | CSS | WordPress | Shopify | Git | Linux | Bash | Docker |
Kubernetes | Terraform | Ansible | Jenkins | CI/CD | AWS | Azure | Google Cloud | DevOps | Site reliability |
Microservices | Machine learning | Deep learning | NLP | Computer vision | TensorFlow | PyTorch |
Data analysis | Data engineering | Data visualisation | Statistics | Power BI | Tableau | Looker | Excel |
VBA | SAP | Salesforce | HubSpot | Dynamics 365 | ServiceNow | Jira | Confluence | SharePoint | Figma |
Photoshop | Illustrator | InDesign | After Effects | UX design | UI design | User research | AutoCAD |
SolidWorks | Revit | MATLAB | PLC | SCADA | Embedded systems | FPGA | Robotics | Cybersecurity |
Penetration testing | SIEM | CISSP | CCNA | Networking | Active Directory | Windows Server | ITIL | Agile |
Scrum | Kanban | Project management | PMP | Prince2 | Six Sigma | Lean | Product management |
Business analysis | Requirements | SEO | SEM | Google Ads | Google Analytics | Content marketing |
Copywriting | Social media | Email marketing | Public relations | Event management | B2B sales |
Account management | Negotiation | CRM | Customer service | Call centre | Accounting | Bookkeeping | Payroll |
IFRS | GAAP | Audit | Tax | Financial modelling | Budgeting | QuickBooks | Xero | CPA | ACCA | CFA |
Risk management | Compliance | AML | GDPR | Contract law | Procurement | Supply chain | Logistics |
Inventory management | Forklift licence | CDL | Driving licence | Warehouse | Order picking | Welding | CNC |
Carpentry | Plumbing | Electrical installation | HVAC | Painting | Construction management |
Health and safety | First aid | CPR | CNA | RN | LPN | Nursing | ICU | Patient care | Phlebotomy | Pharmacy |
Physiotherapy | Radiology | Medical coding | HIPAA | Clinical trials | GCP | GMP | Laboratory | PCR |
Teaching | TEFL | Early childhood | Special needs | Childcare | Social work | Counselling | Cooking |
Food safety | Barista | Housekeeping | Front desk | Cleaning | Gardening | Security guard | Recruiting |
Onboarding | Translation | English | German | French | Spanish | Arabic | Mandarin | Portuguese | Polish
""".replace("\n", " ").split("|")
)

_KEYS = tuple((" ".join(written(fold(skill))), skill) for skill in SKILLS)


def beginning(start: str) -> list[str]:
    """The skills that begin with folded words, then those that hold a word that does; in the order above."""
    first = [skill for key, skill in _KEYS if key.startswith(start)]
    return first + [skill for key, skill in _KEYS if f" {start}" in key and skill not in first]
