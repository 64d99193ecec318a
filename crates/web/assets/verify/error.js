/**
 * The one error that this library throws, whatever bytes it is given.
 */

/** Why something could not be read or does not hold. `message` is Chinese and meant for the person in front of the page. */
export class VerifyError extends Error {
  /**
   * @param {string} code stable name of the cause, such as `Foreign` or `Signature`
   * @param {string} message Chinese text: what is wrong and what to do
   * @param {string} [field] the item that is wrong, where there is one
   */
  constructor(code, message, field) {
    super(message);
    this.name = "VerifyError";
    this.code = code;
    this.field = field;
  }
}
