//! Quizzes at hand: versions of quizzes kept in memory. A version never changes, so that none goes
//! stale; what is kept is bounded by the length of its text.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bus::{Error, Read};
use event::QuizId;

use crate::{domain::Quiz, store};

/// A quiz as of a version.
pub(crate) type VersionKey = (QuizId, u64);

/// Bytes of JSON; in memory it is a few times that.
const MOST_TEXT: usize = 16 * 1024 * 1024;

/// Cheap to clone; clones share what they keep.
#[derive(Clone, Default)]
pub(crate) struct QuizShelf {
    kept: Arc<Mutex<Kept>>,
}

#[derive(Default)]
struct Kept {
    quizzes: HashMap<VersionKey, Arc<Quiz>>,
    text: usize,
}

impl QuizShelf {
    /// The versions that exist among those wanted, with at most one statement.
    pub(crate) async fn all(
        &self,
        db: &impl Read,
        wanted: &BTreeSet<VersionKey>,
    ) -> Result<HashMap<VersionKey, Arc<Quiz>>, Error> {
        let mut found = self.at_hand(wanted);
        let missing: Vec<VersionKey> =
            wanted.iter().filter(|key| !found.contains_key(key)).copied().collect();
        if missing.is_empty() {
            return Ok(found);
        }
        for (key, text) in store::quiz_versions(db, &missing).await? {
            let quiz: Arc<Quiz> = Arc::new(serde_json::from_str(&text)?);
            self.keep(key, &quiz, text.len());
            found.insert(key, quiz);
        }
        Ok(found)
    }

    pub(crate) async fn one(
        &self,
        db: &impl Read,
        quiz: QuizId,
        version: u64,
    ) -> Result<Option<Arc<Quiz>>, Error> {
        let key = (quiz, version);
        Ok(self.all(db, &BTreeSet::from([key])).await?.remove(&key))
    }

    fn at_hand(&self, wanted: &BTreeSet<VersionKey>) -> HashMap<VersionKey, Arc<Quiz>> {
        let kept = self.kept();
        let known = |key: &VersionKey| Some((*key, Arc::clone(kept.quizzes.get(key)?)));
        wanted.iter().filter_map(known).collect()
    }

    fn keep(&self, key: VersionKey, quiz: &Arc<Quiz>, text: usize) {
        let mut kept = self.kept();
        if kept.text + text > MOST_TEXT {
            *kept = Kept::default();
        }
        if kept.quizzes.insert(key, Arc::clone(quiz)).is_none() {
            kept.text += text;
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
