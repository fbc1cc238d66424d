/// Shows how far a verification is: a bar that moves on a terminal, else a line for each tenth.
public struct VerificationDisplay: Sendable {
    private let isTerminal: Bool
    private var shownPercent = -1
    private var hasBar = false

    private static let width = 30

    public init(isTerminal: Bool) { self.isTerminal = isTerminal }

    /// What is to be written for an event: to standard output, and to standard error.
    public mutating func show(
        _ event: BlockVerifier.Event
    ) -> (output: String, error: String) {
        switch event {
        case .damage(let lines):
            let text = lines.map { $0 + "\n" }.joined()
            defer { hasBar = false }
            // The bar is wiped away and comes again below.
            return (text, hasBar ? "\r\u{1B}[K" : "")
        case .progress(let progress): return ("", line(progress))
        }
    }

    /// What ends the display.
    public func end() -> String { hasBar ? "\r\u{1B}[K" : "" }

    private mutating func line(_ progress: BlockVerifier.Progress) -> String {
        let percent = Int(progress.share * 100)
        let isWorthIt =
            isTerminal ? percent != shownPercent || !hasBar : percent / 10 != shownPercent / 10
        guard isWorthIt, percent > 0 || isTerminal else { return "" }
        shownPercent = percent
        let counts =
            "\(percent) % · \(progress.verifiedBlocks) of \(progress.blockCount) blocks · "
            + "\(progress.verifiedSize >> 20) of \(progress.size >> 20) MiB"
        guard isTerminal else { return counts + "\n" }
        hasBar = true
        let full = Self.width * percent / 100
        let bar =
            String(repeating: "#", count: full) + String(repeating: "-", count: Self.width - full)
        return "\r\u{1B}[K[\(bar)] \(counts)"
    }
}
