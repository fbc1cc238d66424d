internal import PromQL
public import Querying

/// Runs scripts of the promqltest language: `load` samples, `eval` queries, compare with what is expected.
///
/// Each case runs over every storage, and there in several ways (``ScriptVariant``); it passes if all of
/// them give the expected answer.
public struct ScriptRunner: Sendable {
    /// What the scripts of Prometheus expect to be on: all of the language, names dropped late, start timestamps.
    public static let standardFeatures = QueryFeatures(
        language: .all,
        evaluation: [.delayedNameRemoval, .startTimestamps]
    )

    private let storages: [ScriptStorage]
    private let features: QueryFeatures

    public init(
        storages: [ScriptStorage] = ScriptStorage.allCases,
        features: QueryFeatures = Self.standardFeatures
    ) {
        self.storages = storages
        self.features = features
    }

    /// Runs all commands of a script, whatever fails.
    ///
    /// A script that is not well-formed is one failure, and nothing of it runs; a `load` that contradicts an
    /// earlier one is one too, and ends the script.
    ///
    /// - Parameter name: For reports; usually the path of the file.
    public func run(_ text: String, name: String) async -> ScriptReport {
        var report = ScriptReport()
        do throws(ScriptError) {
            try await run(ScriptParser.commands(of: text, name: name), script: name, &report)
        } catch {
            report.failures.append(
                ScriptFailure(
                    script: error.script,
                    line: error.line,
                    query: nil,
                    faults: [.init(places: [], reason: error.reason, expected: [], got: [])]
                )
            )
        }
        return report
    }

    private func run(
        _ commands: [ScriptCommand],
        script: String,
        _ report: inout ScriptReport
    ) async throws(ScriptError) {
        var samples = LoadedSamples()
        // Made when a query comes, of all loads before it.
        var sources: [Source]?
        for command in commands {
            switch command {
            case .clear:
                samples = LoadedSamples()
                sources = nil
            case .load(let load):
                try samples.add(load, script: script)
                sources = nil
            case .evaluate(let evaluation):
                let opened = sources ?? open(samples)
                sources = opened
                await run(evaluation, over: opened, script: script, &report)
            }
        }
    }

    /// A storage with the samples, or why they cannot be stored there.
    private typealias Source = (storage: ScriptStorage, source: Result<any ScriptSource, any Error>)

    private func open(_ samples: LoadedSamples) -> [Source] {
        let columns = samples.columns()
        return storages.map { storage in
            (storage, Result { try storage.source(of: columns, features: features) })
        }
    }

    private func run(
        _ evaluation: ScriptEvaluation,
        over sources: [Source],
        script: String,
        _ report: inout ScriptReport
    ) async {
        let expression = try? Parser.parse(evaluation.query, features: features.language)
        let variants = ScriptVariant.all(of: evaluation, expression)
        let run = CaseRun(evaluation: evaluation, variants: variants)
        var faults: [ScriptFailure.Fault] = []
        for (storage, source) in sources {
            guard let (variant, fault) = await run.firstFault(over: source) else { continue }
            let place = "\(storage.rawValue), \(variant)"
            let known = faults.firstIndex { $0.fault == fault }
            if let known {
                faults[known].places.append(place)
            } else {
                faults.append(
                    ScriptFailure.Fault(
                        places: [place],
                        reason: fault.reason,
                        expected: fault.expected,
                        got: fault.got
                    )
                )
            }
        }
        guard !faults.isEmpty else {
            report.passed += 1
            return
        }
        report.failures.append(
            ScriptFailure(
                script: script,
                line: evaluation.line,
                query: evaluation.query,
                faults: faults
            )
        )
    }
}

extension ScriptFailure.Fault {
    fileprivate var fault: CaseFault { CaseFault(reason: reason, expected: expected, got: got) }
}
