public import ClusterInterface

/// Why blocks could not be merged; they stay as they are.
public enum CompactionError: Error, Equatable, CustomStringConvertible {
    /// The block has sections with content that this version does not know and would lose.
    case foreignSections(block: BlockID, numbers: [UInt8])
    /// The bytes of a block cannot be read.
    case damaged(block: BlockID, cause: String)

    public var description: String {
        switch self {
        case .foreignSections(let block, let numbers):
            "block \(block) has sections \(numbers), which this version cannot merge; it was written by a newer one"
        case .damaged(let block, let cause): "block \(block) is damaged: \(cause)"
        }
    }
}
