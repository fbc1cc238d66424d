/// The programs that read this configuration.
public enum Executable: String, Sendable, CaseIterable, Comparable {
    /// Every role in one process on an embedded store.
    case engram
    /// The write path.
    case distributor = "engram-distributor"
    /// Recent data.
    case ingester = "engram-ingester"
    /// Queries.
    case querier = "engram-querier"

    /// The executables of a cluster, which share one store and one ring.
    public static let cluster: [Self] = [.distributor, .ingester, .querier]

    /// The name under which the program is started.
    public var name: String { rawValue }

    /// One phrase for the first line of `--help`.
    var purpose: String {
        switch self {
        case .engram: "a multi-tenant metrics store, every role in one process"
        case .distributor: "the write path of an Engram cluster"
        case .ingester: "recent data of an Engram cluster"
        case .querier: "queries over an Engram cluster"
        }
    }

    public static func < (left: Self, right: Self) -> Bool { left.order < right.order }

    private var order: Int {
        switch self {
        case .engram: 0
        case .distributor: 1
        case .ingester: 2
        case .querier: 3
        }
    }
}
