//! One run: random worlds, and in each of them questions that this crate and the oracle answer.

use crate::ask::Program;
use crate::sample::{Dice, seeds};
use crate::world;
use foursee_kubernetes::facts::Facts;
use serde_json::{Value, json};

/// The oracle's question that gives it a world.
pub(crate) fn load(objects: &[Value]) -> Value {
    json!({"op": "load", "objects": objects, "aggregate": true})
}

/// How much is asked.
pub(crate) struct Comparison {
    pub(crate) name: &'static str,
    /// How many questions, where all are asked for.
    pub(crate) questions: usize,
    /// How many of them in one world.
    pub(crate) each: usize,
}

impl Comparison {
    /// Makes worlds, draws questions of each (the oracle's question and this crate's answer), and holds the answers to
    /// each other by `same`. Says how many the oracle allowed, and how many not.
    pub(crate) fn of(
        &self,
        world: impl Fn(&mut Dice) -> Vec<Value>,
        question: impl Fn(&mut Dice, &[Value], &Facts) -> (Value, Value),
        mut same: impl FnMut(&Value, &Value) -> bool,
    ) -> (usize, usize) {
        let seeds = seeds(self.questions, self.each);
        let mut oracle = Program::oracle();
        let (mut yes, mut no, mut bad) = (0, 0, 0);
        for seed in seeds.clone() {
            let mut dice = Dice::new(seed);
            let objects = world(&mut dice);
            let facts = world::facts(&objects);
            let (mut questions, mut ours) = (vec![load(&objects)], Vec::new());
            for _ in 0..self.each {
                let (asked, answer) = question(&mut dice, &objects, &facts);
                questions.push(asked);
                ours.push(answer);
            }
            let theirs = oracle.ask(&questions).split_off(1);
            for ((ours, theirs), question) in ours.iter().zip(&theirs).zip(&questions[1..]) {
                if theirs["allowed"] == true {
                    yes += 1
                } else {
                    no += 1
                }
                if !same(ours, theirs) {
                    bad += 1;
                    if bad < 5 {
                        println!("seed {seed}: {question}\n  ours   {ours}\n  theirs {theirs}");
                    }
                }
            }
        }
        println!(
            "{}: {} ({yes} allowed), seeds {seeds:?}, {bad} differ",
            self.name,
            yes + no
        );
        assert_eq!(bad, 0);
        (yes, no)
    }
}
