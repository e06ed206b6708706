//! A mail server that misbehaves from a seed: it takes a mail and says so, takes it and dies before it
//! says so, puts it off, refuses it, or hangs up. What it took it remembers.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
};

use rand::{Rng, SeedableRng, rngs::StdRng};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// Cheap to clone; clones are the same server.
#[derive(Clone)]
pub(super) struct Post {
    pub(super) url: String,
    state: Arc<Mutex<State>>,
}

struct State {
    random: StdRng,
    /// By Message-ID, how often it was taken.
    taken: BTreeMap<String, u32>,
}

enum Manner {
    Takes,
    TakesAndDies,
    PutsOff,
    Refuses,
    HangsUp,
}

impl Post {
    /// Serves on this thread, for as long as the tasks are driven.
    pub(super) async fn open(seed: u64) -> (Self, JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}?tls=none", listener.local_addr().unwrap());
        let random = StdRng::seed_from_u64(seed);
        let state = State { random, taken: BTreeMap::new() };
        let post = Self { url, state: Arc::new(Mutex::new(state)) };
        let server = post.clone();
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let server = server.clone();
                tokio::spawn(async move {
                    // A client that goes away in the middle is its own affair.
                    server.serve(stream).await.ok();
                });
            }
        });
        (post, serving)
    }

    pub(super) fn taken(&self) -> BTreeMap<String, u32> {
        self.state().taken.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn draw(&self) -> Manner {
        let mut state = self.state();
        match state.random.random_range(0..100) {
            0..75 => Manner::Takes,
            75..82 => Manner::TakesAndDies,
            82..92 => Manner::PutsOff,
            92..95 => Manner::Refuses,
            _ => Manner::HangsUp,
        }
    }

    fn take(&self, content: &str) {
        let id = content.lines().find_map(|line| line.strip_prefix("Message-ID: "));
        let id = id.expect("every mail has a Message-ID").trim().to_owned();
        *self.state().taken.entry(id).or_default() += 1;
    }

    async fn serve(&self, stream: TcpStream) -> std::io::Result<()> {
        stream.set_nodelay(true)?;
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        write.write_all(b"220 here\r\n").await?;
        while let Some(line) = lines.next_line().await? {
            let verb = line.get(..4).unwrap_or("").to_ascii_uppercase();
            if verb != "DATA" {
                write.write_all(b"250 fine\r\n").await?;
                continue;
            }
            let manner = self.draw();
            if matches!(manner, Manner::HangsUp) {
                return Ok(());
            }
            write.write_all(b"354 go on\r\n").await?;
            let mut content = String::new();
            while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                content.push_str(&line);
                content.push('\n');
            }
            let answer: &[u8] = match manner {
                Manner::Takes => b"250 taken\r\n",
                Manner::PutsOff => b"451 later\r\n",
                Manner::Refuses => b"550 never\r\n",
                Manner::TakesAndDies | Manner::HangsUp => b"",
            };
            if matches!(manner, Manner::Takes | Manner::TakesAndDies) {
                self.take(&content);
            }
            if answer.is_empty() {
                return Ok(());
            }
            write.write_all(answer).await?;
        }
        Ok(())
    }
}
