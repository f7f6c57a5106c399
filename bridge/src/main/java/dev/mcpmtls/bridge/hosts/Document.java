// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.hosts;

import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * A configuration text with the positions of its parts. Immutable: an edit returns the new text, in which only the bytes of
 * the entry (and the separators it needs) differ.
 *
 * <p>A path leads from the root object to a member: the name of the servers' collection, the server, a field, a variable.
 * Where the collection is a list, the second step selects the item whose {@code name} it is.
 */
interface Document {

    /** The content as data; an object without members where the text holds none. */
    JsonNode model();

    /** The text with the member set, and the objects on the way to it made where they are missing. */
    String set(List<String> path, JsonNode value);

    /** The text without the member, which exists. */
    String remove(List<String> path);
}
