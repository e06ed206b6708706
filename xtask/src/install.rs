//! Installs through apt what the tests need and the machine lacks.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use private_nodes::{Authority, Postgres, RabbitMq};

/// Installs what is missing, or says what to install. All of it, also where the caller names a broker and a
/// database: some tests, and the faults, start nodes of their own, and the browser is needed in any case.
pub fn missing() -> Result<()> {
    let missing = missing_packages();
    if missing.is_empty() {
        return Ok(());
    }
    let Some(root) = root() else {
        bail!("the tests need {0}: run `sudo apt-get install {0}`", missing.join(" "));
    };
    println!(
        "    installing {} (a service that Debian starts with them is left alone)",
        missing.join(", ")
    );
    // An unreachable source need not matter: what follows tells.
    apt(&root, &["update", "--quiet"])?;
    let installed = install(&root, &missing)?;
    // Without an init system Debian's scripts may fail to start the service that nobody here needs.
    let still = missing_packages();
    if !still.is_empty() {
        bail!("apt-get could not install {}: see above", still.join(" "));
    }
    if !installed {
        println!("    apt-get complained, but the programs are there: going on");
    }
    Ok(())
}

/// What the peers of `cargo xtask bench` need besides.
pub fn for_peers() -> Result<()> {
    let pango =
        ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib"]
            .iter()
            .any(|folder| std::path::Path::new(folder).join("libpangoft2-1.0.so.0").exists());
    if pango {
        return Ok(());
    }
    let Some(root) = root() else {
        bail!(
            "WeasyPrint needs Pango: run `sudo apt-get install libpangoft2-1.0-0 fonts-dejavu-core`"
        );
    };
    install(
        &root,
        &["libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", "fonts-dejavu-core"],
    )?;
    Ok(())
}

/// The letters of the pictures: those that the style sheet names first, which a bare machine lacks.
pub fn for_pictures() -> Result<()> {
    if std::path::Path::new("/usr/share/fonts/opentype/inter").exists() {
        return Ok(());
    }
    let Some(root) = root() else {
        bail!("the pictures need the font Inter: run `sudo apt-get install fonts-inter`");
    };
    install(&root, &["fonts-inter"])?;
    Ok(())
}

fn missing_packages() -> Vec<&'static str> {
    let needed = [
        ("rabbitmq-server", RabbitMq::is_installed()),
        ("postgresql", Postgres::is_installed()),
        // For certificates.
        ("openssl", Authority::is_installed()),
        // For the example consumer and the check of the documents.
        ("python3-venv", has_python()),
        // For the tests in a browser.
        ("chromium", std::path::Path::new("/usr/bin/chromium").is_file()),
        ("nodejs", answers("node")),
        ("npm", answers("npm")),
    ];
    needed.into_iter().filter(|(_, installed)| !installed).map(|(package, _)| package).collect()
}

fn answers(program: &str) -> bool {
    let asked = Command::new(program).arg("--version").output();
    asked.is_ok_and(|output| output.status.success())
}

fn has_python() -> bool {
    let asked = Command::new("python3").args(["-c", "import ensurepip, venv"]).output();
    asked.is_ok_and(|output| output.status.success())
}

/// How to run a command as root: nothing before it, or `sudo`; `None` where neither works without a question.
fn root() -> Option<Vec<&'static str>> {
    let says = |program: &str, arguments: &[&str]| {
        let output = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .output();
        output.ok().filter(|output| output.status.success()).map(|output| output.stdout)
    };
    if says("id", &["-u"])? == b"0\n" {
        return Some(vec![]);
    }
    says("sudo", &["-n", "true"]).map(|_| vec!["sudo", "-n"])
}

fn install(root: &[&str], packages: &[&str]) -> Result<bool> {
    apt(root, &[&["install", "--quiet", "--yes", "--no-install-recommends"], packages].concat())
}

fn apt(root: &[&str], arguments: &[&str]) -> Result<bool> {
    let words = [
        root,
        &["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-o", "DPkg::Lock::Timeout=300"],
    ];
    let words = words.concat();
    let mut command = Command::new(words[0]);
    let status = command.args(&words[1..]).args(arguments).stdin(Stdio::null()).status();
    Ok(status.context("cannot run apt-get: install what the tests need by hand")?.success())
}
