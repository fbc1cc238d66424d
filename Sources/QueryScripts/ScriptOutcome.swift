/// What became of one `eval` of a script.
enum ScriptOutcome {
    /// Why a case cannot be run: what it needs is not part of the engine.
    enum Reason: String, CaseIterable {
        case nativeHistograms = "native histograms"
        case startTimestamps = "start timestamps"
        case missingFunction = "a function that is not implemented"
    }

    case passed
    case failed(String)
    case outOfScope(Reason)
}

/// The outcomes of a whole script.
struct ScriptReport {
    var passed = 0
    var failures: [String] = []
    var outOfScope: [ScriptOutcome.Reason: Int] = [:]
}
