//! What the made-up shop sells, and to whom.

use alloc::vec::Vec;

use crate::Rng;

/// Articles and their prices in cents, from the one that sells best.
pub(super) const ARTICLES: [(&str, u64); 24] = [
    ("tea-assam-250", 1_290),
    ("coffee-harar-500", 1_850),
    ("mug-stoneware", 1_490),
    ("filter-paper-100", 420),
    ("tea-sencha-100", 1_650),
    ("honey-heather-500", 990),
    ("biscuit-oat-300", 460),
    ("kettle-gooseneck", 6_900),
    ("grinder-hand", 8_450),
    ("chocolate-70-100", 390),
    ("teapot-iron-800", 5_400),
    ("coffee-huila-500", 1_720),
    ("cup-espresso-2", 1_880),
    ("tea-rooibos-250", 1_050),
    ("scale-brewing", 3_950),
    ("french-press-1000", 2_990),
    ("spoon-measuring", 650),
    ("coffee-mandheling-1000", 3_100),
    ("tin-tea-200", 1_200),
    ("thermos-750", 3_450),
    ("grinder-electric", 18_900),
    ("matcha-uji-30", 2_350),
    ("whisk-bamboo", 1_580),
    ("machine-espresso", 64_900),
];

/// Regions and how often of a hundred an order comes from there.
pub(super) const REGIONS: [(&str, u64); 5] =
    [("north", 34), ("west", 27), ("south", 21), ("east", 13), ("islands", 5)];

pub(super) const METHODS: [&str; 4] = ["card", "card", "transfer", "wallet"];

pub(super) const CARRIERS: [&str; 3] = ["post", "courier", "bike"];

pub(super) const REASONS: [&str; 4] =
    ["changed my mind", "found it elsewhere", "ordered twice", "takes too long"];

const FIRST: [&str; 40] = [
    "Ada", "Amir", "Ana", "Björn", "Chen", "Chidi", "Dana", "Daoud", "Elif", "Emeka", "Eva",
    "Farid", "Grace", "Hana", "Hugo", "Ines", "Ivan", "Jomo", "Jun", "Kaia", "Lars", "Leila",
    "Lucía", "Mei", "Milan", "Nadia", "Nils", "Noor", "Olga", "Omar", "Priya", "Quentin", "Rosa",
    "Sami", "Sofia", "Tariq", "Uma", "Wanjiru", "Yara", "Zoë",
];

const LAST: [&str; 50] = [
    "Abebe",
    "Almeida",
    "Andersen",
    "Bakker",
    "Banerjee",
    "Bianchi",
    "Castro",
    "Cohen",
    "Costa",
    "Diallo",
    "Dubois",
    "Eriksen",
    "Farah",
    "Fischer",
    "García",
    "Gupta",
    "Haddad",
    "Hansen",
    "Horvat",
    "Ibrahim",
    "Ito",
    "Jansen",
    "Kamara",
    "Kaya",
    "Keller",
    "Kim",
    "Kovács",
    "Kowalski",
    "Lindqvist",
    "Lopez",
    "Mensah",
    "Moreau",
    "Mwangi",
    "Nakamura",
    "Nguyen",
    "Novak",
    "O'Brien",
    "Okafor",
    "Osei",
    "Park",
    "Petrov",
    "Reyes",
    "Rossi",
    "Sato",
    "Schmidt",
    "Silva",
    "Tan",
    "Virtanen",
    "Wang",
    "Zhang",
];

/// How many different customers there are.
pub(super) const CUSTOMERS: usize = FIRST.len() * LAST.len();

/// The name of a customer. Neighbours in the ranking share neither part of their names.
pub(super) fn customer(rank: usize) -> [&'static str; 2] {
    let first = rank % FIRST.len();
    [FIRST[first], LAST[(rank / FIRST.len() + first * 7) % LAST.len()]]
}

pub(super) fn pick<T: Copy>(rng: &mut Rng, from: &[T]) -> T {
    from[below(rng, from.len())]
}

pub(super) fn below(rng: &mut Rng, bound: usize) -> usize {
    usize::try_from(rng.below(bound as u64)).unwrap_or(0)
}

/// Ranks drawn after Zipf's law: the second comes half as often as the first, the third a third.
/// Whole numbers only, so that every platform draws the same.
#[derive(Debug, Clone)]
pub(super) struct Zipf {
    cumulated: Vec<u64>,
}

impl Zipf {
    pub(super) fn new(ranks: usize) -> Self {
        const FIRST_WEIGHT: u64 = 1 << 32;
        let weights = (1..).take(ranks).map(|rank| FIRST_WEIGHT / rank);
        let cumulated = weights.scan(0, |sum, weight| {
            *sum += weight;
            Some(*sum)
        });
        Self { cumulated: cumulated.collect() }
    }

    pub(super) fn draw(&self, rng: &mut Rng) -> usize {
        let total = self.cumulated.last().copied().unwrap_or(0);
        let drawn = rng.below(total);
        self.cumulated.partition_point(|sum| *sum <= drawn)
    }
}
