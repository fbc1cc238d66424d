internal import MetricsModel

extension Evaluation {
    /// The samples an instant selector sees at each step.
    func selectorStream(
        _ selector: VectorSelector,
        _ grid: StepGrid,
        _ content: SelectorStream.Content = .value
    ) -> SelectorStream {
        let source = source(of: selector.matchers, at: selector.sourceRange)
        return SelectorStream(
            source,
            selector.shift,
            grid,
            lookback: parameters.lookbackDelta,
            isSmoothed: selector.edges == .smoothed,
            hasOneName: source.hasOneName(selector.matchers),
            at: selector.sourceRange,
            content
        )
    }
}
