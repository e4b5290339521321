"""Words to invent people and places with."""


def _words(*lines: str) -> tuple[str, ...]:
    return tuple(word.replace("_", " ") for line in lines for word in line.split())


LAST_NAMES = _words(
    "Allard Arnaud Aubry Bailly Barbier Baron Benoît Bertin Besnard Blanchard Bodin Boucher Boulanger Bourgeois",
    "Bouvier Breton Brunel Caron Carpentier Chevallier Clément Colin Collet Cordier Courtois Coutellier Da_Silva",
    "Dauphin Delaunay Delorme Denis Deschamps Diallo Duchêne Dumas Dupré Durel El_Amrani Étienne Fabre Faucher",
    "Ferrand Fleury Fontanel Fournel Gaillard Garcia Gauthier Gérard Girault Grandjean Grégoire Guérin Guichard",
    "Guillot Hamel Hébert Henriot Hoarau Huet Humbert Imbert Jacquet Jolivet Joubert Julien Kaplan Keïta Kowalski",
    "Labbé Lacombe Laîné Langlois Lebreton Leclerc Leconte Léger Lemaître Lenoir Lepage Leroux Lévêque Lopez",
    "Maillet Mallet Marchand Maréchal Marty Masson Mercier Meunier Michaud Monnier Moulin N'Diaye Navarro Nguyen",
    "Noël Ollivier Pasquier Pelletier Pérez Perrin Pichon Poirier Poulain Prévost Quentin Raynaud Rémy Renaud Rey",
    "Ribeiro Rivière Rocher Rolland Rousseau Roussel Sánchez Sauvage Schmitt Seguin Simonet Tessier Thévenet",
    "Tissier Touré Traoré Tran Turpin Vallet Vasseur Verdier Vidal Vilain Voisin Weber Yıldız Zaïdi",
)

REUNION_LAST_NAMES = _words(
    "Bègue Boyer Cadet Dijoux Fontaine Gonthier Grondin Hoarau Lauret Lebon Maillot Payet Picard Ramassamy Rivière",
    "Robert Sautron Smith Técher Turpin Vitry Ah-Kong Moutoussamy Nativel Patel Huet Bénard Clain Ethève",
)

WOMEN = _words(
    "Adeline Agnès Alice Amandine Amina Anaïs Anne-Laure Audrey Aurélie Béatrice Camille Carole Caroline Cécile",
    "Céline Chloé Coralie Delphine Élise Élodie Émilie Estelle Fanny Fatima Florence Gaëlle Hélène Inès Isabelle",
    "Jennifer Julie Justine Karine Laëtitia Laure Leïla Linh Lucie Magali Manon Marie Marion Mathilde Mélanie",
    "Mélissa Nathalie Noémie Océane Pauline Rachida Rébecca Sabrina Salomé Sandrine Sarah Séverine Solène Sonia",
    "Stéphanie Valérie Vanessa Virginie Zoé",
)

MEN = _words(
    "Adrien Alexandre Antoine Arnaud Aurélien Baptiste Benoît Boris Cédric Christophe Clément Cyril Damien David",
    "Driss Édouard Emmanuel Éric Fabien Florian François Frédéric Gaël Grégory Guillaume Hervé Hugo Jérémy Jérôme",
    "Joël Jonathan Julien Kévin Laurent Loïc Ludovic Marc Mathieu Maxime Mehdi Mickaël Moussa Nicolas Olivier",
    "Pierre Quentin Rachid Raphaël Rémi Romain Samuel Sébastien Simon Stéphane Sylvain Thibault Tristan Vincent",
    "Xavier Yann",
)

GIRLS = _words(
    "Adèle Agathe Aïcha Alba Alice Alix Ambre Anna Apolline Assia Aya Capucine Charlie Charlotte Chloé Clémence",
    "Constance Éléa Elena Éléonore Elsa Emma Eva Gabrielle Giulia Héloïse Inaya Inès Iris Jade Jeanne Julia",
    "Juliette Léa Léna Léonie Lina Lise Lou Louise Lucie Luna Lya Maëlle Maïa Margaux Margot Maya Mila Nina Noémie",
    "Nour Olivia Rose Romane Salomé Sofia Suzanne Théa Victoire Victoria Yasmine Zélie Zoé",
)

BOYS = _words(
    "Aaron Achille Adam Alexis Amadou Amir Andréa Antoine Anton Arthur Auguste Augustin Axel Ayden Basile Camille",
    "Côme Diego Eden Eliott Émile Ethan Evan Félix Gabin Gabriel Gaspard Hugo Ibrahim Ilyès Isaac Ismaël Jules",
    "Kaïs Léandre Léo Léon Liam Livio Loïs Louis Lucas Maël Malo Marceau Marius Martin Mathéo Mathis Mattéo Maxence",
    "Milo Mohamed Nathan Naël Noah Noé Oscar Paul Raphaël Robin Sacha Samuel Soan Théo Timéo Tom Valentin Victor",
)

STREETS = (
    "allée des Cerisiers",
    "allée du Verger",
    "avenue de la Gare",
    "avenue du Général-Leclerc",
    "boulevard des Remparts",
    "chemin de la Croix-Blanche",
    "chemin des Vignes",
    "chemin du Moulin-Brûlé",
    "cité des Hirondelles",
    "clos des Acacias",
    "hameau de la Fontaine",
    "impasse de l'Église",
    "impasse des Lilas",
    "lotissement Les Coteaux",
    "place de la Mairie",
    "place du Marché-aux-Grains",
    "quai de la Rivière",
    "résidence Bel-Air",
    "route de la Forêt",
    "rue Ambroise-Paré",
    "rue Louise-Michel",
    "rue Marie-Curie",
    "rue Olympe-de-Gouges",
    "rue Victor-Hugo",
    "rue de l'Abbaye",
    "rue de l'Écluse",
    "rue de la Chênaie",
    "rue de la Poste",
    "rue des Écoles",
    "rue des Frères-Lumière",
    "rue des Tanneurs",
    "rue des Tilleuls",
    "rue du Château-d'Eau",
    "rue du Faubourg-Saint-Aubin",
    "rue du Lavoir",
    "rue du Pré-aux-Clercs",
    "square Jean-Moulin",
    "venelle du Puits",
)

REUNION_STREETS = (
    "allée des Flamboyants",
    "chemin Cap-Doré",
    "chemin de la Ravine",
    "chemin des Vacoas",
    "impasse des Letchis",
    "lotissement Les Filaos",
    "route du Volcan",
    "rue de l'Océan",
    "rue des Bougainvilliers",
    "rue des Cannes",
    "rue du Lagon",
    "sentier des Goyaviers",
)
