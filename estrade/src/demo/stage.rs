//! Where the demo plays: a fresh data folder, the course imported, the services up, and the people
//! who teach.

use std::{path::Path, sync::Arc};

use anyhow::{Context, bail};
use bus::Ledger;
use event::{Language, Role};
use tokio::net::TcpListener;

use super::{
    client::Client,
    course::{self, DemoCourse},
    journey::PASSWORD,
    processes::Processes,
    progress::Progress,
    showcase::{self, LEARNER, OPERATOR},
};
use crate::{
    cli::{DemoOptions, ServiceName, Settings},
    config::Config,
    import,
    platform::Platform,
    serve::Server,
};

pub(crate) const ADMINISTRATOR: &str = "administrator@example.org";
pub(crate) const INSTRUCTOR: &str = "instructor@example.org";
/// Marks a data folder as a demo's, which the next demo may clear.
const MARK: &str = ".demo";
const ANY_PORT: &str = "127.0.0.1:0";

pub(super) struct Stage {
    pub(super) config: Config,
    /// In the mail addresses of this run.
    pub(super) run: String,
    pub(super) courses: Vec<Arc<DemoCourse>>,
    pub(super) instructor: Client,
    address: String,
    players: Players,
}

/// The services, here or in processes of their own; then the platform is opened here to look in.
enum Players {
    Here(Server),
    Apart { processes: Processes, platform: Platform },
}

impl Stage {
    pub(super) async fn set(
        settings: &Settings,
        options: &DemoOptions,
        progress: &mut Progress,
    ) -> anyhow::Result<Self> {
        let mut config = Config::load(settings)?;
        if settings.data.is_none() && config.data == Config::default().data {
            config.data = "data/demo".into();
        }
        config.listen = options.listen.clone().unwrap_or_else(|| ANY_PORT.to_owned());
        config.organisation = organisation();
        clear(&config.data)?;
        progress.say(&format!(
            "importing the course, in English and in French, into {}",
            config.data.display()
        ));
        prepare(&config).await?;
        progress.say(if options.processes {
            "starting each service in a process of its own, and two graders"
        } else {
            "starting the seven services"
        });
        let listener = TcpListener::bind(&config.listen).await.with_context(|| {
            format!("cannot listen on {}; choose another with --listen", config.listen)
        })?;
        config.listen = listener.local_addr()?.to_string();
        let address = config.base_url();
        let players = if options.processes {
            let processes = Processes::start(&config, listener).await?;
            let platform = Platform::open(config.clone(), &ServiceName::ALL).await?;
            platform.declare_now().await?;
            Players::Apart { processes, platform }
        } else {
            Players::Here(Server::start_on(config.clone(), &ServiceName::ALL, listener).await?)
        };
        let mut instructor = Client::new(&address)?;
        instructor.sign_in(INSTRUCTOR, PASSWORD).await?;
        let courses = [Language::En, Language::Fr]
            .into_iter()
            .map(|language| DemoCourse::load(language).map(Arc::new))
            .collect::<anyhow::Result<_>>()?;
        Ok(Self {
            config,
            run: format!("{:x}", options.seed),
            courses,
            instructor,
            address,
            players,
        })
    }

    pub(super) fn platform(&self) -> &Platform {
        match &self.players {
            Players::Here(server) => &server.platform,
            Players::Apart { platform, .. } => platform,
        }
    }

    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// Someone who is not signed in.
    pub(super) fn visitor(&self) -> anyhow::Result<Client> {
        Client::new(&self.address)
    }

    pub(super) fn course(&self, language: Language) -> anyhow::Result<Arc<DemoCourse>> {
        let course = self.courses.iter().find(|course| course.language == language);
        course.cloned().with_context(|| format!("no course in {}", language.code()))
    }

    /// The accounts to look around with: whose, the address to sign in with, and where to begin.
    pub(super) fn accounts(&self) -> [(&'static str, &'static str, &'static str); 4] {
        [
            (
                "learner",
                LEARNER,
                "one course completed, one begun: /learning, /certificates, /inbox",
            ),
            ("instructor", INSTRUCTOR, "an essay waits: /marking, /teaching"),
            (
                "administrator",
                ADMINISTRATOR,
                "people, designs, a revoked certificate: /people, /issued",
            ),
            (
                "operator",
                OPERATOR,
                "two dead letters, one of which can go; a copy that differs: /operations",
            ),
        ]
    }

    /// Stops everything.
    pub(super) async fn strike(self) {
        match self.players {
            Players::Here(server) => server.stop().await,
            Players::Apart { processes, platform } => {
                processes.stop().await;
                platform.close().await;
            }
        }
    }
}

/// The course, and those who run it, before anybody comes.
pub(crate) async fn prepare(config: &Config) -> anyhow::Result<()> {
    let platform = Platform::open(config.clone(), &ServiceName::ALL).await?;
    platform.declare_now().await?;
    refuse_what_is_not_fresh(&platform).await?;
    let identity = platform.db(ServiceName::Identity)?;
    identity::create_administrator(identity, "Ada Martin", ADMINISTRATOR, PASSWORD).await?;
    let instructor = identity::NewPerson {
        name: "Inès Fontaine".to_owned(),
        mail: INSTRUCTOR.to_owned(),
        password: PASSWORD.to_owned(),
        language: Language::Fr,
        time_zone: "Europe/Paris".to_owned(),
        roles: vec![Role::Learner, Role::Instructor],
    };
    identity::register_person(identity, instructor).await?;
    identity::register_person(identity, showcase::operator()).await?;
    for folder in course::unpack(&config.data.join("course"))? {
        import::import(&platform, &folder).await?;
    }
    platform.close().await;
    Ok(())
}

/// The demo's books can only be closed over a platform that nobody used before.
async fn refuse_what_is_not_fresh(platform: &Platform) -> anyhow::Result<()> {
    if !Ledger::of(platform.db(ServiceName::Identity)?).await?.published.is_empty() {
        bail!("this database holds a platform already; give the demo an empty one with --database");
    }
    for line in crate::queues::lines(platform).await? {
        match line.ready {
            Some(0) => {}
            Some(ready) => bail!(
                "the queue {} holds {ready} messages of another run; give the demo a virtual host \
                 of its own with --broker",
                line.queue
            ),
            None => bail!("the queue {} does not answer: see `estrade queues`", line.queue),
        }
    }
    Ok(())
}

/// Empties a folder that an earlier demo made; any other that holds something is left alone.
fn clear(folder: &Path) -> anyhow::Result<()> {
    let is_empty = std::fs::read_dir(folder).map_or(true, |mut entries| entries.next().is_none());
    if !is_empty && !folder.join(MARK).is_file() {
        bail!(
            "{} holds something that no demo made; give another folder with --data",
            folder.display()
        );
    }
    if !is_empty {
        std::fs::remove_dir_all(folder)?;
    }
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join(MARK), "Made by `estrade demo`, and cleared by the next.\n")?;
    Ok(())
}

pub(crate) fn organisation() -> crate::config::Organisation {
    crate::config::Organisation {
        name: "Estrade".to_owned(),
        representative: "Ada Martin".to_owned(),
        capacity: "directrice".to_owned(),
        place: "Lyon".to_owned(),
        address: "12 rue de la République, 69001 Lyon".to_owned(),
        activity_number: String::new(),
        retention_years: 3,
    }
}
