internal import CInstructionCounting

/// Counts the instructions of one run of a piece of work, where the program runs under callgrind; see
/// `scripts/count-instructions`.
public final class InstructionCount {
    private let name: String
    /// Runs to come before the one that is counted.
    private var warmingUp: Int

    /// - Parameters:
    ///   - name: One line, and what else the count should stand beside.
    ///   - warmingUp: Runs that are not counted.
    public init(_ name: String, warmingUp: Int = 1) {
        self.name = name
        self.warmingUp = warmingUp
    }

    public func measure<Result>(
        _ details: String = "",
        _ body: () throws -> Result
    ) rethrows -> Result {
        guard engram_counts_instructions() else { return try body() }
        defer { warmingUp -= 1 }
        guard warmingUp == 0 else { return try body() }
        engram_instructions_begin()
        defer { engram_instructions_end(details.isEmpty ? name : "\(name)|\(details)") }
        return try body()
    }
}
