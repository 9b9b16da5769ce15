// Work for a benchmark, of the kinds that programs in Kotlin do: virtual calls, collections, strings, arrays, Longs. `npm run bench -- gc` runs it.

@file:OptIn(kotlin.wasm.ExperimentalWasmInterop::class)

sealed class Expression { abstract fun value(x: Long): Long }
class Constant(private val n: Long) : Expression() { override fun value(x: Long) = n }
object Variable : Expression() { override fun value(x: Long) = x }
class Sum(private val a: Expression, private val b: Expression) : Expression() {
    override fun value(x: Long) = a.value(x) + b.value(x)
}
class Product(private val a: Expression, private val b: Expression) : Expression() {
    override fun value(x: Long) = a.value(x) * b.value(x)
}

fun tree(depth: Int): Expression =
    if (depth == 0) (if (depth % 2 == 0) Variable else Constant(3))
    else if (depth % 2 == 0) Sum(tree(depth - 1), Constant(depth.toLong())) else Product(tree(depth - 1), tree(depth - 1))

data class Point(val x: Int, val y: Int)

fun words(n: Int): Int {
    val counts = HashMap<String, Int>()
    for (i in 0 until n) {
        val word = "w" + (i * 7919 % 101)
        counts[word] = (counts[word] ?: 0) + 1
    }
    return counts.entries.sortedWith(compareBy({ -it.value }, { it.key })).take(5).sumOf { it.value * it.key.length }
}

fun points(n: Int): Int {
    val seen = HashSet<Point>()
    for (i in 0 until n) seen.add(Point(i % 37, i % 11))
    return seen.filter { it.x > it.y }.map { it.x * 31 + it.y }.sorted().fold(0) { a, b -> a * 17 + b }
}

fun primes(n: Int): Int {
    val composite = BooleanArray(n + 1)
    var count = 0
    for (i in 2..n) {
        if (composite[i]) continue
        count++
        for (j in i.toLong() * i..n.toLong() step i.toLong()) composite[j.toInt()] = true
    }
    return count
}

@WasmExport
fun run(n: Int): Int {
    var result = 0
    val expression = tree(9)
    for (i in 1..n) {
        result = result * 31 + words(500) + points(500) + primes(2000)
        for (x in 0L until 20L) result = result * 31 + expression.value(x).toInt()
    }
    return result
}

fun main() = println(run(1))
