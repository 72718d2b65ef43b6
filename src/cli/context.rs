//! What every command starts from: the class table, the database, the reviewer and the network that were asked for.

use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;

use super::{
    Cli, Failure,
    args::{NetworkArgs, Reviewer},
    demo,
    inputs::Inputs,
    output,
};
use crate::{
    domain::{CaseRecord, ClassTable, FileProblem, FlagRules, Laboratory, Ranges, is_name, printable},
    intake::{self, SETTINGS_BYTES},
    model::{Compute, DeviceChoice, Network, NetworkFile, Precision},
    store::{Store, StoreError},
};

/// The settings of this run.
#[derive(Clone)]
pub struct Context {
    /// The database file.
    pub db: PathBuf,
    /// Whether somebody named it (else it is where the platform keeps such files).
    db_named: bool,
    /// The classes in use.
    pub table: ClassTable,
    /// When something in a count stands out.
    pub flags: FlagRules,
    /// Reference ranges of reports.
    pub ranges: Ranges,
    /// The laboratory that reports.
    pub laboratory: Laboratory,
    /// The reader's clock: what TZ says, else the system's, else UTC.
    pub zone: TimeZone,
    /// Say more.
    pub verbose: bool,
    /// Say only what went wrong.
    pub quiet: bool,
    /// What the run reads, and no output may replace.
    pub inputs: Inputs,
}

impl Context {
    /// Reads what the global arguments name.
    pub fn new(cli: &Cli) -> Result<Self, Failure> {
        let table = match &cli.classes {
            None => ClassTable::default(),
            Some(path) => {
                let text = read_text(path)?;
                ClassTable::parse(&text).map_err(|e| Failure::usage(format!("{}: {e}", show(path))))?
            }
        };
        let flags = match &cli.flags {
            None => FlagRules::shipped(&table),
            Some(path) => settings(path, |text| FlagRules::parse(text, &table))?,
        };
        let ranges = match &cli.ranges {
            None => Ranges::shipped(&table),
            Some(path) => settings(path, |text| Ranges::parse(text, &table))?,
        };
        let laboratory = match &cli.laboratory {
            None => Laboratory::shipped(),
            Some(path) => settings(path, Laboratory::parse)?,
        };
        let db = match &cli.db {
            Some(path) => path.clone(),
            None => default_folder(|d| d.data_dir().join("leukoscope.db")).ok_or_else(|| {
                Failure::usage("no home directory is known; say where the database is with --db FILE")
            })?,
        };
        let inputs = Inputs::default();
        for (path, what) in [
            (&cli.classes, "the class table in use"),
            (&cli.flags, "the thresholds in use"),
            (&cli.ranges, "the reference ranges in use"),
            (&cli.laboratory, "the laboratory's file in use"),
        ] {
            path.iter().for_each(|path| inputs.add(path, what));
        }
        let zone = TimeZone::try_system().unwrap_or(TimeZone::UTC);
        Ok(Self {
            db,
            db_named: cli.db.is_some(),
            table,
            flags,
            ranges,
            laboratory,
            zone,
            verbose: cli.verbose,
            quiet: cli.quiet,
            inputs,
        })
    }

    /// Opens the database and sees that the demo case is in it.
    ///
    /// One that was named and is not there is refused: it looks like one that has lost its cases.
    pub fn store(&self) -> Result<Store, Failure> {
        self.with_demo(self.store_as_it_is()?)
    }

    /// The same for a command about a case. What is asked of the demo case begins a new database, which has one.
    pub fn store_of(&self, case: &str) -> Result<Store, Failure> {
        if case == demo::NAME {
            return self.new_store();
        }
        match self.missing() {
            Some(missing) => Err(Failure::usage(format!("{missing}, so there is no case `{}`", printable(case)))),
            None => self.store(),
        }
    }

    /// The same for commands that work begins with: one that is not there is made, and that is said.
    pub fn new_store(&self) -> Result<Store, Failure> {
        self.with_demo(self.new_store_as_it_is()?)
    }

    /// Opens the database without drawing the demo case, which takes a moment.
    pub fn store_as_it_is(&self) -> Result<Store, Failure> {
        match self.missing() {
            Some(missing) => Err(Failure::usage(missing)),
            None => self.open(),
        }
    }

    /// The sentence about a database that somebody named and that is not there.
    fn missing(&self) -> Option<String> {
        (self.db_named && !self.db.exists()).then(|| {
            let db = show(&self.db);
            format!("{db}: there is no database; check --db and LEUKOSCOPE_DB (`import` and `review` make a new one)")
        })
    }

    /// The same, making one that is not there.
    pub fn new_store_as_it_is(&self) -> Result<Store, Failure> {
        let store = self.open()?;
        if store.is_new() && self.db_named {
            self.say(&format!("new database {}", show(&self.db)));
        }
        Ok(store)
    }

    fn open(&self) -> Result<Store, Failure> {
        self.detail(&format!("database {}", show(&self.db)));
        let store = Store::open(&self.db, &self.table).map_err(Failure::usage)?;
        if let Some(behind) = store.clock_behind().map_err(Failure::usage)? {
            self.say(&behind);
        }
        Ok(store)
    }

    fn with_demo(&self, store: Store) -> Result<Store, Failure> {
        if !store.is_read_only() && store.lacks_demo().map_err(Failure::usage)? {
            demo::install(&store, &self.table)?;
        }
        Ok(store)
    }

    /// A case by its name, of which everything that is recorded agrees with itself.
    pub fn case(&self, store: &Store, name: &str) -> Result<CaseRecord, Failure> {
        let case = store.case(name).map_err(Failure::usage)?;
        store.check_case(&case).map_err(Failure::usage)?;
        Ok(case)
    }

    /// Opens the network's file without building the network.
    pub fn network_file(&self, path: Option<&Path>) -> Result<NetworkFile, Failure> {
        path.iter().for_each(|path| self.inputs.add(path, "the network in use"));
        path.map_or_else(|| Ok(NetworkFile::embedded()), NetworkFile::open).map_err(Failure::usage)
    }

    /// Opens and builds the network.
    pub fn network(&self, args: &NetworkArgs, precision: Precision) -> Result<Network, Failure> {
        let file = self.network_file(args.model.as_deref())?;
        let compute = Compute { precision, ..device(args)?.into() };
        let network = Network::load(&file, &self.table, compute).map_err(Failure::usage)?;
        self.detail(&format!("network {} {} on {}", file.info.name, file.info.sha256, network.device_name()));
        Ok(network)
    }

    /// Says a detail, with `--verbose` only.
    pub fn detail(&self, text: &str) {
        if self.verbose {
            output::complain(text);
        }
    }

    /// Says something that is not a problem.
    pub fn say(&self, text: &str) {
        if !self.quiet {
            output::complain(text);
        }
    }
}

/// The device that was asked for.
pub fn device(args: &NetworkArgs) -> Result<DeviceChoice, Failure> {
    args.device.parse().map_err(Failure::usage)
}

/// A folder of this platform for this program.
pub fn default_folder(pick: impl Fn(&directories::ProjectDirs) -> PathBuf) -> Option<PathBuf> {
    directories::ProjectDirs::from("", "", "leukoscope").map(|d| pick(&d))
}

/// The reviewer's name: the one given, else the login name.
pub fn reviewer(args: &Reviewer) -> Result<String, Failure> {
    // Containers and services set none of the variables; the account that the program runs under has a name all the same.
    let login = || {
        let said = ["USER", "LOGNAME", "USERNAME"].iter().find_map(|v| std::env::var(v).ok());
        said.or_else(|| whoami::username().ok())
    };
    let name = args.reviewer.clone().or_else(login).unwrap_or_default();
    let name = name.trim();
    if name.is_empty() {
        return Err(Failure::usage("no reviewer is known; say who reviews with --reviewer NAME"));
    }
    if !is_name(name) {
        return Err(Failure::usage(format!(
            "reviewer `{}` holds control characters; give a plain name",
            printable(name)
        )));
    }
    Ok(name.to_owned())
}

/// A refusal changes nothing; anything else failed midway.
pub fn refused(error: StoreError) -> Failure {
    if error.is_refusal() { Failure::usage(error) } else { Failure::midway(error) }
}

/// Refuses to show a record to whoever reads its case blinded. Where nobody's name is known, nobody is known to do so.
pub fn may_see(store: &Store, case: &CaseRecord, who: &Reviewer) -> Result<(), Failure> {
    match reviewer(who) {
        Ok(name) => store.sighted(case, &name).map_err(Failure::usage),
        Err(why) if who.reviewer.is_some() => Err(why),
        Err(_) => Ok(()),
    }
}

/// Reads a file of settings; all of its problems are one failure, a line each.
fn settings<T>(path: &Path, parse: impl FnOnce(&str) -> Result<T, Vec<FileProblem>>) -> Result<T, Failure> {
    parse(&read_text(path)?).map_err(|problems| {
        let named: Vec<_> = problems.iter().map(|p| format!("{}:{}", show(path), printable(&p.to_string()))).collect();
        Failure::usage(named.join("\n"))
    })
}

/// A path for people to read.
pub fn show(path: &Path) -> String {
    printable(&path.to_string_lossy()).into_owned()
}

/// A text file of settings, or a sentence about why not.
pub fn read_text(path: &Path) -> Result<String, Failure> {
    intake::read_text(path, SETTINGS_BYTES).map_err(|e| Failure::usage(format!("{}: {e}", show(path))))
}
