/// Which part of the language is generated.
public enum QueryScope: Sendable {
    /// All of it, with parameters at and beyond their limits.
    case everything
    /// What Prometheus 2.42 understands, and where it means the same as Prometheus 3.
    ///
    /// Nothing that jumps, such as rounding, comparisons and ranks, is put above values whose last digits are
    /// open; and no border of a window can fall on a sample of a ``DataSetGenerator``.
    case prometheus242
}
