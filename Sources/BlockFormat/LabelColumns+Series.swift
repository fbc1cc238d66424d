public import MetricsModel

extension LabelColumns {
    /// The labels of series that a selection found, in their order: a piece for each label table.
    ///
    /// Costs a look at a number for each label; strings are copied once for each distinct label of a table.
    public static func pieces(of series: [BlockSeries]) -> [LabelColumns] {
        var pieces: [LabelColumns] = []
        var start = 0
        while start < series.count {
            let table = series[start].table
            var end = start + 1
            while end < series.count, series[end].table === table { end += 1 }
            pieces.append(piece(of: series[start..<end], table))
            start = end
        }
        return pieces
    }

    private static func piece(
        of series: ArraySlice<BlockSeries>,
        _ table: LabelTable
    ) -> LabelColumns {
        var piece = LabelColumns()
        var metric: UInt32?
        if !table.metricName.isEmpty {
            metric = piece.addLabel(name: Labels.metricName.utf8, value: table.metricName)
        }
        let place = table.columns.firstIndex {
            Labels.metricName.utf8.lexicographicallyPrecedes(table.labelNames[$0.name])
        }
        // For each column and value: the number of its label, once a series has it.
        var numbers = table.columns.map { [UInt32?](repeating: nil, count: $0.valueCount + 1) }
        var labels: [UInt32] = []
        for one in series {
            labels.removeAll(keepingCapacity: true)
            for (index, column) in table.columns.enumerated() {
                if index == place, let metric { labels.append(metric) }
                let value = column.index(of: one.tableRow)
                guard value > 0 else { continue }
                if let known = numbers[index][value] {
                    labels.append(known)
                } else {
                    let name = table.labelNames[column.name]
                    let number = piece.addLabel(name: name, value: column.value(value))
                    numbers[index][value] = number
                    labels.append(number)
                }
            }
            if place == nil, let metric { labels.append(metric) }
            piece.addSeries(one.fingerprint, labels)
        }
        return piece
    }
}
