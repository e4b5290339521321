"""The two towns themselves: settings, staff, places."""

from dataclasses import dataclass
from typing import Any

from deploy.sample.generate.names import LAST_NAMES, REUNION_LAST_NAMES, REUNION_STREETS, STREETS
from deploy.sample.generate.text import Row


@dataclass(frozen=True, kw_only=True)
class Agent:
    email: str
    last_name: str
    first_name: str
    roles: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Site:
    id: str
    name: str
    kind: str


@dataclass(frozen=True, kw_only=True)
class Town:
    """`households`: how many families of how many children are invented; `neighbour`: where non-residents live;
    `first_phone`: within the ten thousand numbers kept for fiction, 06 39 98 00 00 and following.
    """

    id: str
    name: str
    insee: str
    neighbour: tuple[str, str]
    time_zone: str
    school_zone: str
    public_holidays: str
    phone: str
    address: str
    opening_view: str
    services: tuple[str, ...]
    manager: Agent
    staff: tuple[Agent, ...]
    schools: tuple[Site, ...]
    other_sites: tuple[Site, ...]
    households: dict[int, int]
    last_names: tuple[str, ...]
    streets: tuple[str, ...]
    mail_domains: tuple[str, ...]
    first_phone: int


SAINTE_AURORE = Town(
    id="sainte-aurore",
    name="Sainte-Aurore",
    insee="37999",
    neighbour=("37998", "Villebrume"),
    time_zone="Europe/Paris",
    school_zone="B",
    public_holidays="metropole",
    phone="02 61 91 20 00",
    address="1 place de la Mairie, 37999 Sainte-Aurore",
    opening_view="agenda",
    services=("Restaurant scolaire", "Garderie", "Centre de loisirs", "Ateliers du mercredi"),
    manager=Agent(
        email="helene.garnier@sainte-aurore.example",
        last_name="Garnier",
        first_name="Hélène",
        roles=("manager",),
    ),
    staff=(
        Agent(
            email="sebastien.picot@sainte-aurore.example",
            last_name="Picot",
            first_name="Sébastien",
            roles=("attendance", "registrar"),
        ),
        Agent(
            email="nora.belkacem@sainte-aurore.example",
            last_name="Belkacem",
            first_name="Nora",
            roles=("cashier", "editor"),
        ),
    ),
    schools=(
        Site(id="ecole-des-tilleuls", name="École des Tilleuls", kind="school"),
        Site(id="ecole-jean-mace", name="École Jean-Macé", kind="school"),
    ),
    other_sites=(
        Site(id="centre-les-libellules", name="Centre de loisirs Les Libellules", kind="leisure_centre"),
        Site(id="maison-des-arts", name="Maison des arts", kind="leisure_centre"),
    ),
    households={1: 240, 2: 145, 3: 30, 4: 5},
    last_names=LAST_NAMES,
    streets=STREETS,
    mail_domains=("courriel.example", "messagerie.example", "poste.example"),
    first_phone=0,
)

LE_VAL_DORE = Town(
    id="le-val-dore",
    name="Le Val-Doré",
    insee="97499",
    neighbour=("97498", "La Ravine-Claire"),
    time_zone="Indian/Reunion",
    school_zone="la-reunion",
    public_holidays="la-reunion",
    phone="02 61 91 40 00",
    address="2 rue de l'Océan, 97499 Le Val-Doré",
    opening_view="period",
    services=("Restaurant scolaire", "Garderie"),
    manager=Agent(
        email="jean-rene.payet@le-val-dore.example",
        last_name="Payet",
        first_name="Jean-René",
        roles=("manager",),
    ),
    staff=(
        Agent(
            email="marie-josee.grondin@le-val-dore.example",
            last_name="Grondin",
            first_name="Marie-Josée",
            roles=("registrar", "attendance", "cashier", "editor"),
        ),
    ),
    schools=(Site(id="ecole-des-filaos", name="École des Filaos", kind="school"),),
    other_sites=(),
    households={1: 19, 2: 13, 3: 4},
    last_names=REUNION_LAST_NAMES,
    streets=REUNION_STREETS,
    mail_domains=("lagon.example",),
    first_phone=5000,
)


def town_settings(town: Town) -> dict[str, Any]:
    return {
        "id": town.id,
        "name": town.name,
        "insee": town.insee,
        "time_zone": town.time_zone,
        "school_zone": town.school_zone,
        "public_holidays": town.public_holidays,
        "contact": {"email": f"enfance@{town.id}.example", "phone": town.phone, "address": town.address},
        "opening_view": town.opening_view,
        "services": list(town.services),
        "manager": {
            "email": town.manager.email,
            "first_name": town.manager.first_name,
            "last_name": town.manager.last_name,
        },
    }


def staff_rows(town: Town) -> list[Row]:
    """Without the manager, whom `create-town` makes from town.json."""
    return [
        {"email": agent.email, "nom": agent.last_name, "prenom": agent.first_name, "roles": ",".join(agent.roles)}
        for agent in town.staff
    ]
