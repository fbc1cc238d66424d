internal import PromQL

/// One case of a script, run in all ways.
struct CaseRun {
    let evaluation: ScriptEvaluation
    let variants: [ScriptVariant]

    /// The first thing that is wrong, and the name of the way in which it was run.
    func firstFault(
        over source: Result<any ScriptSource, any Error>
    ) async -> (variant: String, fault: CaseFault)? {
        for variant in variants {
            if let fault = await fault(of: variant, over: source) { return (variant.name, fault) }
        }
        return nil
    }

    private func fault(
        of variant: ScriptVariant,
        over source: Result<any ScriptSource, any Error>
    ) async -> CaseFault? {
        let check = ResultCheck(evaluation)
        do {
            let source = try source.get()
            let result = try await source.answer(variant.query)
            if let fault = check.result(result.value, variant) { return fault }
            return hasTextsOfOriginal(variant, source) ? check.annotations(result) : nil
        } catch let error as StorageFault {
            return CaseFault(reason: error.reason)
        } catch {
            return check.failure(
                String(describing: error),
                comparingText: !variant.isInRangeMode
            )
        }
    }

    /// Whether annotations must be those of the query as it is.
    ///
    /// In range mode other steps have annotations too; positions in a text that was printed anew, and times of
    /// evaluation, are part of their texts.
    private func hasTextsOfOriginal(_ variant: ScriptVariant, _ source: any ScriptSource) -> Bool {
        if variant.isInRangeMode { return false }
        return variant.query.expression == nil
            || (!source.printsQueries && variant.query.start == evaluation.pointTimes.start)
    }
}
