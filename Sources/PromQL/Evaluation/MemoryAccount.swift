internal import Synchronization

/// Bytes that queries hold, counted while they run.
///
/// The account of a query belongs to that of its process: what is charged counts in both.
public final class MemoryAccount: Sendable {
    /// What the account is for, as the text of an error names it.
    public let name: String
    /// Bytes.
    public let limit: Int
    private let parent: MemoryAccount?
    private let held = Atomic(0)
    private let highest = Atomic(0)

    /// - Parameters:
    ///   - name: Such as `querier.maxQueryMemory`.
    ///   - limit: Bytes that may be held at once.
    ///   - parent: What is charged here counts there too.
    public init(name: String, limit: Int, parent: MemoryAccount? = nil) {
        self.name = name
        self.limit = limit
        self.parent = parent
    }

    deinit { parent?.release(held.load(ordering: .relaxed)) }

    /// An account that is never exceeded.
    public static func unbounded() -> MemoryAccount { MemoryAccount(name: "memory", limit: .max) }

    /// Bytes held now.
    public var current: Int { held.load(ordering: .relaxed) }

    /// The most bytes that were held at once.
    public var peak: Int { highest.load(ordering: .relaxed) }

    /// Counts bytes that are about to be held.
    ///
    /// - Throws: Where that would be too many; nothing is counted then.
    public func charge(_ bytes: Int) throws(MemoryLimitExceeded) {
        let total = held.wrappingAdd(bytes, ordering: .relaxed).newValue
        guard total <= limit else {
            held.wrappingSubtract(bytes, ordering: .relaxed)
            throw MemoryLimitExceeded(name: name, limit: limit, needed: total)
        }
        do throws(MemoryLimitExceeded) {
            try parent?.charge(bytes)
        } catch {
            held.wrappingSubtract(bytes, ordering: .relaxed)
            throw error
        }
        highest.max(total, ordering: .relaxed)
    }

    public func release(_ bytes: Int) {
        held.wrappingSubtract(bytes, ordering: .relaxed)
        parent?.release(bytes)
    }
}

/// More memory was asked for than an account allows.
public struct MemoryLimitExceeded: Error, Hashable, Sendable, CustomStringConvertible {
    /// The account's name.
    public let name: String
    /// Bytes that may be held at once.
    public let limit: Int
    /// Bytes that would have been held.
    public let needed: Int

    public var description: String {
        "query needs more memory than \(name) allows: \(needed) bytes at this point, the limit is \(limit); "
            + "ask for fewer series, a shorter range or a longer step"
    }
}
