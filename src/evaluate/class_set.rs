//! The classes that an evaluation tells apart: those of the table, or groups of them taken as one.

use crate::domain::{ClassId, ClassTable};

/// One class, or several taken as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its code, or the codes joined with `+`.
    pub label: String,
    /// Its standard term; of several classes the codes again.
    pub name: String,
    /// The classes in it, in the table's order.
    pub members: Vec<ClassId>,
    /// Every one of them is a blast.
    pub blast: bool,
    /// Every one of them belongs to the atypical question.
    pub atypical: bool,
    /// Every one of them is in the WBC count.
    pub wbc: bool,
}

/// Groups in the table's order; no class is in two of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassSet {
    groups: Vec<Group>,
}

/// Groups of classes that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClassSetError {
    /// Not a class of the table.
    #[error("`{0}` is no class of the table; join codes with + and groups with commas, as in NGS+NGB,PMO+MYB+MMZ")]
    Unknown(String),
    /// A class in two groups.
    #[error("{0} is named twice; a class belongs to one group")]
    Twice(String),
}

impl ClassSet {
    /// Every class of `classes` on its own, in the table's order.
    pub fn single(table: &ClassTable, classes: &[ClassId]) -> Self {
        let used = table.iter().map(|(id, _)| id).filter(|id| classes.contains(id));
        Self { groups: used.map(|id| group(table, vec![id])).collect() }
    }

    /// This set with groups of its classes merged, as in `NGS+NGB,PMO+MYB+MMZ`; the other classes stay on their own.
    /// Classes of a group that this set does not have are passed over.
    ///
    /// # Errors
    /// When a code is not in the table, or named twice.
    pub fn merged(&self, table: &ClassTable, groups: &str) -> Result<Self, ClassSetError> {
        let mut named: Vec<ClassId> = Vec::new();
        let mut merged = Vec::new();
        for group in groups.split(',') {
            let mut members = Vec::new();
            for code in group.split('+').map(str::trim) {
                let unknown = || ClassSetError::Unknown(crate::domain::printable(code).into_owned());
                let id = table.by_code(code).ok_or_else(unknown)?;
                if named.contains(&id) {
                    return Err(ClassSetError::Twice(code.to_owned()));
                }
                named.push(id);
                members.push(id);
            }
            members.retain(|&id| self.place(id).is_some());
            members.sort_unstable();
            merged.push(members);
        }
        merged.retain(|members| !members.is_empty());
        let alone = self.groups.iter().flat_map(|g| &g.members).filter(|id| !named.contains(id));
        merged.extend(alone.map(|&id| vec![id]));
        merged.sort_unstable();
        Ok(Self { groups: merged.into_iter().map(|members| group(table, members)).collect() })
    }

    /// The groups in order.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// The place of the group that holds a class.
    pub fn place(&self, class: ClassId) -> Option<usize> {
        self.groups.iter().position(|g| g.members.contains(&class))
    }

    /// The groups' labels in order.
    pub fn labels(&self) -> Vec<String> {
        self.groups.iter().map(|g| g.label.clone()).collect()
    }
}

fn group(table: &ClassTable, members: Vec<ClassId>) -> Group {
    let all = |f: fn(&crate::domain::Class) -> bool| members.iter().all(|&id| f(table.get(id)));
    let label = members.iter().map(|&id| table.code(id)).collect::<Vec<_>>().join("+");
    let name = if let [id] = members[..] { table.get(id).name.clone() } else { label.clone() };
    Group {
        name,
        blast: all(|c| c.blast),
        atypical: all(|c| c.atypical),
        wbc: all(|c| c.role.is_wbc()),
        label,
        members,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(table: &ClassTable, codes: &[&str]) -> ClassSet {
        let ids: Vec<_> = codes.iter().map(|c| table.by_code(c).expect("a code")).collect();
        ClassSet::single(table, &ids)
    }

    #[test]
    fn neutrophils_and_immature_granulocytes_can_be_taken_as_one_each() {
        let table = ClassTable::default();
        let ten = set(&table, &["MMZ", "MYB", "PMO", "EBO", "BAS", "EOS", "MON", "LYT", "NGB", "NGS"]);
        assert_eq!(ten.labels(), ["NGS", "NGB", "LYT", "MON", "EOS", "BAS", "PMO", "MYB", "MMZ", "EBO"]);
        let merged = ten.merged(&table, "NGB+NGS, PMO+MYB+MMZ").expect("known codes");
        assert_eq!(merged.groups().len(), 7);
        assert_eq!(merged.labels(), ["NGS+NGB", "LYT", "MON", "EOS", "BAS", "PMO+MYB+MMZ", "EBO"]);
        assert_eq!(merged.place(table.by_code("MYB").expect("a code")), Some(5));
        assert!(merged.groups()[5].atypical && !merged.groups()[5].blast && !merged.groups()[6].wbc);
    }

    #[test]
    fn groups_that_make_no_sense_are_refused_and_absent_classes_passed_over() {
        let table = ClassTable::default();
        let set = set(&table, &["NGS", "LYT"]);
        assert_eq!(set.merged(&table, "NGS+CAT"), Err(ClassSetError::Unknown("CAT".into())));
        assert_eq!(set.merged(&table, "NGS+NGB,NGS+LYT"), Err(ClassSetError::Twice("NGS".into())));
        assert_eq!(set.merged(&table, "NGS+NGB,PMO+MYB"), Ok(set.clone()));
    }
}
