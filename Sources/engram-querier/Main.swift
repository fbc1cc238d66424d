import Services

/// Queries over a cluster.
@main
enum Main {
    static func main() async {
        await ServiceMain.querier()
    }
}
