// Objects, closures, interfaces and exceptions in Kotlin, whose modules keep them as structures and arrays of WebAssembly and throw with try_table.
// conformance/src/wasi/programs.ts builds and runs it: npm run conformance:programs -- --engine interpreter --filter Kotlin

sealed class Shape { abstract val area: Double }
data class Circle(val r: Double) : Shape() { override val area get() = 3.0 * r * r }
data class Square(val a: Double) : Shape() { override val area get() = a * a }

class Negative(val n: Int) : Exception("negative: $n")

fun root(n: Int): Int {
    if (n < 0) throw Negative(n)
    var r = 0
    while ((r + 1) * (r + 1) <= n) r++
    return r
}

fun main() {
    val shapes = listOf(Circle(2.0), Square(3.0), Square(1.5))
    println(shapes.sortedByDescending { it.area }.joinToString { it.toString() })
    val words = "the quick brown fox jumps over the lazy dog the end".split(" ")
    println(words.groupingBy { it }.eachCount().entries.sortedWith(compareBy({ -it.value }, { it.key })).take(3))
    for (n in listOf(81, -4)) {
        try {
            println(root(n))
        } catch (e: Negative) {
            println("caught ${e.message}")
        } finally {
            println("done with $n")
        }
    }
    val lazySum = generateSequence(1) { it + 1 }.filter { it % 3 == 0 }.take(1000).sumOf { it.toLong() }
    println(lazySum)
}
