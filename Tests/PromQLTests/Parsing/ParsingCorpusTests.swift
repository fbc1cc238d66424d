import PromQL
import Testing

/// Compares the parser with Prometheus on the reference queries.
@Suite struct ParsingCorpusTests {
    private static let validFile = "parse-valid.txt"
    private static let errorFile = "parse-errors.tsv"

    @Test(
        .enabled(
            if: ReferenceCorpus.isPresent(validFile),
            "the reference queries (parse-valid.txt) do not lie beside the package"
        )
    )
    func `valid queries have the texts and types of the reference`() throws {
        let corpus = try #require(try ReferenceCorpus(file: Self.validFile))
        var mismatches: [String] = []
        for entry in corpus.entries {
            let query = entry.columns[0]
            do {
                let expression = try Parser.parse(query, features: entry.features)
                let found = [
                    expression.description, expression.pretty, expression.valueType.rawValue,
                ]
                if found != Array(entry.columns[1...]) {
                    mismatches.append("\(query)\n  \(entry.columns[1...])\n  \(found)")
                }
            } catch {
                mismatches.append("\(query)\n  \(error)")
            }
        }
        #expect(corpus.entries.count > 1000)
        report(mismatches)
    }

    @Test(
        .enabled(
            if: ReferenceCorpus.isPresent(validFile),
            "the reference queries (parse-valid.txt) do not lie beside the package"
        )
    )
    func `printed queries parse to the same text`() throws {
        let corpus = try #require(try ReferenceCorpus(file: Self.validFile))
        var mismatches: [String] = []
        // `offset --…` is how Prometheus prints `offset NaN`; it does not parse.
        for entry in corpus.entries where !entry.columns[1].contains("offset --") {
            for text in entry.columns[1...2] {
                let printed = try? Parser.parse(text, features: entry.features).description
                if printed != entry.columns[1] {
                    mismatches.append("\(text)\n  \(printed ?? "does not parse")")
                }
            }
        }
        report(mismatches)
    }

    @Test(
        .enabled(
            if: ReferenceCorpus.isPresent(errorFile),
            "the reference queries (parse-errors.tsv) do not lie beside the package"
        )
    )
    func `invalid queries fail with the texts and positions of the reference`() throws {
        let corpus = try #require(try ReferenceCorpus(file: Self.errorFile))
        var mismatches: [String] = []
        for entry in corpus.entries {
            let query = entry.columns[0]
            do {
                let expression = try Parser.parse(query, features: entry.features)
                mismatches.append("\(query)\n  \(entry.columns[1])\n  parsed as \(expression)")
            } catch {
                if error.description != entry.columns[1] {
                    mismatches.append("\(query)\n  \(entry.columns[1])\n  \(error)")
                }
            }
        }
        #expect(corpus.entries.count > 1000)
        report(mismatches)
    }

    private func report(_ mismatches: [String]) {
        let first = mismatches.prefix(20).joined(separator: "\n")
        #expect(mismatches.isEmpty, "\(mismatches.count) mismatches, the first are:\n\(first)")
    }
}
