/// Names with counts, the largest counts first, equal ones by the bytes of their names.
public struct CountRanking: Sendable, Equatable {
    /// One line of a ranking.
    public struct Entry: Sendable, Equatable {
        public var name: String
        public var count: Int

        public init(name: String, count: Int) {
            self.name = name
            self.count = count
        }
    }

    public let entries: [Entry]

    public init(_ entries: [Entry]) { self.entries = entries }
}

/// Keeps the first entries of a ranking out of any number; memory grows with the entries that are kept alone.
struct RankingSelection {
    private struct Candidate {
        let name: [UInt8]
        let count: Int

        func precedes(_ other: Candidate) -> Bool {
            count == other.count
                ? name.lexicographicallyPrecedes(other.name) : count > other.count
        }
    }

    private let limit: Int
    private var candidates: [Candidate] = []
    /// The last entry that would be kept; nothing behind it is looked at.
    private var last: Candidate?

    init(limit: Int) { self.limit = limit }

    /// - Parameter name: Made only where the count may be among the first.
    mutating func add(_ count: Int, name: () -> [UInt8]) {
        guard limit > 0, count >= last?.count ?? 0 else { return }
        let candidate = Candidate(name: name(), count: count)
        if let last, !candidate.precedes(last) { return }
        candidates.append(candidate)
        if candidates.count >= limit * 2 + 64 { cut() }
    }

    consuming func finish() -> CountRanking {
        cut()
        return CountRanking(
            candidates.map {
                .init(name: String(decoding: $0.name, as: UTF8.self), count: $0.count)
            }
        )
    }

    private mutating func cut() {
        candidates.sort { $0.precedes($1) }
        guard candidates.count > limit else { return }
        candidates.removeSubrange(limit...)
        last = candidates.last
    }
}
