internal import MetricsModel

extension LabelProjection {
    /// The labels that decide about partners: those of `on`, or all but those of `ignoring` and
    /// the name.
    init(_ matching: VectorMatching) {
        self.init(grouping: matching.labels, isWithout: !matching.isOn)
    }

    /// The labels of results where each element has one partner: those of `on`, or all but those of `ignoring`.
    init(onlyMatching matching: VectorMatching) {
        let names = LabelNameSet(matching.labels)
        if matching.isOn { self.init(keeping: names) } else { self.init(dropping: names) }
    }

    /// The labels of a group: those of `by`, or all but those of `without` and the name.
    init(grouping: [String], isWithout: Bool) {
        if isWithout {
            self.init(dropping: LabelNameSet(grouping + [Labels.metricName]))
        } else {
            self.init(keeping: LabelNameSet(grouping))
        }
    }
}
