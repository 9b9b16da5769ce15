import ts from "typescript";

/**
 * Finds where a program looks a property up by a name that is not written in its text. Such a name may come from a guest, a module, a
 * configuration, a header or an environment variable, and finds `Object.prototype.constructor` in any plain object.
 */
export interface Lookup {
  /** Relative to the folder that was given, with the object: `packages/runtime/src/a.ts: table`. */
  readonly place: string;
  readonly line: number;
  readonly text: string;
}

/** Whether a key of this type can be any text. Unions of literals, numbers and symbols cannot. */
function canBeAnyText(type: ts.Type): boolean {
  const { TypeFlags } = ts;
  if (type.isUnion()) return type.types.some(canBeAnyText);
  const open =
    TypeFlags.Any |
    TypeFlags.Unknown |
    TypeFlags.String |
    TypeFlags.TemplateLiteral |
    TypeFlags.StringMapping |
    TypeFlags.TypeParameter |
    TypeFlags.Index;
  return (type.flags & open) !== 0;
}

/** Whether the enclosing function asks `Object.hasOwn` for the same key of the same object. */
function isChecked(node: ts.Node, object: string, key: string, file: ts.SourceFile): boolean {
  let scope = node;
  while (scope.parent !== undefined && !ts.isFunctionLike(scope)) scope = scope.parent;
  return compact(scope.getText(file)).includes(compact(`Object.hasOwn(${object}, ${key})`));
}

function compact(text: string): string {
  return text.replace(/\s+/g, "");
}

/** Whether an expression is a variable that begins as an object without a prototype. */
function isBare(node: ts.Expression, checker: ts.TypeChecker): boolean {
  const declaration = checker.getSymbolAtLocation(node)?.valueDeclaration;
  return (
    declaration !== undefined &&
    ts.isVariableDeclaration(declaration) &&
    declaration.initializer?.getText().startsWith("Object.create(null)") === true
  );
}

/** Whether an expression is an object literal whose names all stand in its text. */
function hasWrittenNames(node: ts.Expression): boolean {
  return (
    ts.isObjectLiteralExpression(node) &&
    node.properties.every((one) => !ts.isSpreadAssignment(one) && !ts.isComputedPropertyName(one.name))
  );
}

/** `(value as Record<string, unknown>)` is `value`. */
function withoutAssertion(node: ts.Expression): ts.Expression {
  if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node) || ts.isNonNullExpression(node))
    return withoutAssertion(node.expression);
  return node;
}

/**
 * Finds look-ups without a check for an own property: `object[name]`, `name in object`, `for (name in object)`, and `Object.assign`, which
 * sets the prototype of its target when a source has an own `__proto__`.
 */
export function findLookups(program: ts.Program, files: readonly string[], folder: string): Lookup[] {
  const checker = program.getTypeChecker();
  const found: Lookup[] = [];
  for (const name of files) {
    const file = program.getSourceFile(name) as ts.SourceFile;
    const report = (node: ts.Node, object: string): void => {
      found.push({
        place: `${name.slice(folder.length)}: ${compact(object)}`,
        line: file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1,
        text: node.getText(file).replace(/\s+/g, " "),
      });
    };
    const visit = (node: ts.Node): void => {
      if (ts.isElementAccessExpression(node) && canBeAnyText(checker.getTypeAtLocation(node.argumentExpression))) {
        const object = withoutAssertion(node.expression);
        const [objectText, key] = [object.getText(file), node.argumentExpression.getText(file)];
        if (!isBare(object, checker) && !isChecked(node, objectText, key, file)) report(node, objectText);
      }
      if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.InKeyword) {
        const { left, right } = node;
        if (!ts.isPrivateIdentifier(left) && canBeAnyText(checker.getTypeAtLocation(left)) && !ts.isStringLiteral(left))
          report(node, right.getText(file));
      }
      if (ts.isForInStatement(node)) report(node.expression, node.expression.getText(file));
      if (
        ts.isCallExpression(node) &&
        node.expression.getText(file) === "Object.assign" &&
        !node.arguments.slice(1).every(hasWrittenNames)
      )
        report(node, `Object.assign(${node.arguments[0].getText(file)})`);
      ts.forEachChild(node, visit);
    };
    visit(file);
  }
  return found;
}
