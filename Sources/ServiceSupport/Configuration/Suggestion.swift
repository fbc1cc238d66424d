/// Finds what a mistyped name was probably meant to be.
enum Suggestion {
    /// Bytes that a mistyped name may have: what is longer is none, and comparing takes time.
    private static let maximumSize = 128

    /// The closest candidate, nil when none is close.
    ///
    /// Close is an edit distance of at most a quarter of the length, at least 2. A name that equals
    /// the end of exactly one candidate, such as a key without its section, also finds it.
    static func closest(to name: String, among candidates: [String]) -> String? {
        guard name.utf8.count <= maximumSize else { return nil }
        let limit = max(2, name.count / 4)
        let near = candidates.map { (candidate: $0, distance: distance(name, $0)) }
            .filter { $0.distance <= limit }
            .min { ($0.distance, $0.candidate) < ($1.distance, $1.candidate) }
        if let near { return near.candidate }
        let bare = name.drop { $0 == "-" }
        guard bare.count >= 4 else { return nil }
        let endings = candidates.filter { $0.hasSuffix(bare) }
        return endings.count == 1 ? endings[0] : nil
    }

    /// The Levenshtein distance, letter case ignored.
    static func distance(_ left: String, _ right: String) -> Int {
        let left = Array(left.lowercased().utf8)
        let right = Array(right.lowercased().utf8)
        var previous = Array(0...right.count)
        for (row, byte) in left.enumerated() {
            var current = [row + 1]
            for (column, other) in right.enumerated() {
                let substitution = previous[column] + (byte == other ? 0 : 1)
                current.append(min(substitution, previous[column + 1] + 1, current[column] + 1))
            }
            previous = current
        }
        return previous[right.count]
    }
}
