internal import MetricsModel

/// Writes a plan as text to read, with each node under the one that uses it.
struct PlanText {
    private(set) var text = ""

    init(_ tree: PlanTree) {
        append(tree.root, depth: 0, over: nil)
        for (index, fetch) in tree.fetches.enumerated() {
            text += "\nfetch \(index): \(Self.text(fetch.matchers))\n  \(Self.text(fetch.range))\n"
            if index < tree.estimates.count { text += "  \(Self.text(tree.estimates[index]))\n" }
        }
    }

    private mutating func append(_ node: PlanNode, depth: Int, over grid: PlanNode.Grid?) {
        text += String(repeating: "  ", count: depth) + node.text + "\n"
        text += String(repeating: "  ", count: depth + 2)
        text += remarks(node, over: grid, isRoot: depth == 0).joined(separator: "; ") + "\n"
        for child in node.children { append(child, depth: depth + 1, over: node.grid) }
    }

    private func remarks(
        _ node: PlanNode,
        over grid: PlanNode.Grid?,
        isRoot: Bool
    ) -> [String] {
        var remarks = ["\(node.valueType.documentedName), \(node.method.rawValue)"]
        if node.isStepInvariant, node.method != .constant {
            remarks.append("evaluated once for all steps")
        }
        if isRoot || (node.grid != grid && node.method != .constant) {
            remarks.append(Self.text(node.grid))
        }
        if let labels = Self.text(node.neededLabels), node.method != .constant,
            node.method != .scalar
        {
            remarks.append("needs \(labels)")
        }
        if let selector = node.selector { remarks += Self.remarks(selector) }
        return remarks
    }

    private static func remarks(_ selector: PlanNode.Selector) -> [String] {
        var remarks = ["fetch \(selector.fetch)" + (selector.isShared ? ", shared" : "")]
        if let at = selector.at { remarks.append("at \(seconds(at))") }
        if selector.offset != 0 {
            remarks.append("offset \(DurationText.text(milliseconds: selector.offset))")
        }
        if let window = selector.window {
            remarks.append("window \(DurationText.text(milliseconds: window))")
        }
        remarks.append(text(selector.range))
        return remarks
    }

    private static func text(_ grid: PlanNode.Grid?) -> String {
        guard let grid else { return "never evaluated" }
        guard grid.count > 1 else { return "at \(seconds(grid.start))" }
        return "\(grid.count) steps of \(DurationText.text(milliseconds: grid.step)) from "
            + "\(seconds(grid.start)) to \(seconds(grid.end))"
    }

    private static func text(_ range: TimeRange) -> String {
        guard !range.isEmpty else { return "no samples" }
        return "samples from \(seconds(range.start)) to \(seconds(range.end - 1))"
    }

    /// Nil where all labels are needed.
    private static func text(_ labels: NeededLabels) -> String? {
        switch labels {
        case .all: nil
        case .only([]): "no labels"
        case .only(let names): "labels " + names.joined(separator: ", ")
        case .allBut(let names): "all labels but " + names.joined(separator: ", ")
        }
    }

    private static func text(_ matchers: [LabelMatcher]) -> String {
        "{" + matchers.map(CanonicalText.text).sorted().joined(separator: ",") + "}"
    }

    private static func text(_ estimate: FetchEstimate) -> String {
        let bound = estimate.isUpperBound ? "at most " : ""
        var text = bound + "\(estimate.seriesCount) series"
        text += "; in blocks \(bound)\(estimate.storedSampleCount) samples"
        text += " in \(bound)\(estimate.storedSize) bytes"
        if estimate.recentSeriesCount > 0 {
            let samples = estimate.recentSampleCount.map { "about \($0)" } ?? "an unknown number of"
            text += "; in memory \(estimate.recentSeriesCount) series with \(samples) samples"
        }
        return text
    }

    /// Milliseconds as seconds, with a fraction unless it is zero.
    private static func seconds(_ milliseconds: Int64) -> String {
        let magnitude = milliseconds.magnitude
        let rest = magnitude % 1000
        let fraction = rest == 0 ? "" : "." + String(1000 + rest).dropFirst()
        return (milliseconds < 0 ? "-" : "") + String(magnitude / 1000) + fraction
    }
}
