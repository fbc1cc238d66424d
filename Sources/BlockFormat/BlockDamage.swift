/// One thing that is wrong with a stored block.
public struct BlockDamage: Sendable, Equatable, CustomStringConvertible {
    /// What is wrong.
    public enum Problem: Sendable, Equatable {
        /// Bytes are not what a writer makes.
        case format(BlockFormatError)
        /// Bytes that should be in the store are not, as it says.
        case missing(String)
        /// Two places disagree about the same thing.
        case disagreement(what: String, expected: String, found: String)
        /// The row is not behind the one before it.
        case rowOrder
        /// Timestamps of the row do not strictly increase, or leave the block's range.
        case timestamps
        /// Labels of the row are not a canonical set.
        case labels
    }

    public let problem: Problem
    /// The page, if the damage is in one.
    public let location: BlockLocation?
    /// The series, by number in the block, if one is concerned.
    public let row: Int?

    init(_ problem: Problem, at location: BlockLocation? = nil, row: Int? = nil) {
        self.problem = problem
        self.location = location
        self.row = row
    }

    init(_ error: BlockFormatError, row: Int? = nil) {
        self.init(.format(error), at: error.location, row: row)
    }

    public var description: String {
        var text = ""
        if let location { text += "\(location): " }
        if let row { text += "row \(row): " }
        switch problem {
        case .format(let error): return text + error.problem
        case .missing(let what): return text + "bytes are missing: \(what)"
        case .disagreement(let what, let expected, let found):
            return text + "\(what) is \(found), it should be \(expected)"
        case .rowOrder: return text + "the series does not sort behind the one before it"
        case .timestamps:
            return text + "timestamps do not strictly increase within the block's range"
        case .labels: return text + "the labels are not a canonical set"
        }
    }
}
