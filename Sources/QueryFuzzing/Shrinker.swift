/// Makes a failing case small: takes any reduction that still fails, until none does.
public enum Shrinker {
    /// - Parameters:
    ///   - attempts: How many candidates are tried at most.
    ///   - fails: Whether a candidate still shows the fault.
    /// - Returns: The smallest failing case found; the given one if no smaller fails.
    public static func shrink<Case>(
        _ first: Case,
        attempts: Int,
        reductions: (Case) -> [Case],
        fails: (Case) throws -> Bool
    ) rethrows -> Case {
        var smallest = first
        var left = attempts
        var isDone = false
        while !isDone {
            isDone = true
            for candidate in reductions(smallest) {
                guard left > 0 else { return smallest }
                left -= 1
                if try fails(candidate) {
                    smallest = candidate
                    isDone = false
                    break
                }
            }
        }
        return smallest
    }

    /// Shrinks a query; shorter ones are tried first.
    public static func shrink(
        _ query: QueryTree,
        attempts: Int = 2000,
        fails: (QueryTree) throws -> Bool
    ) rethrows -> QueryTree {
        try shrink(
            query,
            attempts: attempts,
            reductions: { tree in
                let size = tree.text.utf8.count
                return tree.reductions.map { (tree: $0, size: $0.text.utf8.count) }
                    .filter { $0.size < size }
                    .sorted { $0.size < $1.size }.map(\.tree)
            },
            fails: fails
        )
    }

    /// Shrinks the data that a query fails with.
    public static func shrink(
        _ data: DataSet,
        attempts: Int = 2000,
        fails: (DataSet) throws -> Bool
    ) rethrows -> DataSet {
        try shrink(data, attempts: attempts, reductions: \.reductions, fails: fails)
    }
}
