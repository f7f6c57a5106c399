// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.hosts;

import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;

/** A text that is not of its syntax, or not of a shape that can be edited; the caller adds the file's name. */
final class MalformedText extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private MalformedText(int line, int column, String what) {
        super(line + ":" + column + ": " + what);
    }

    static MalformedText of(JacksonException e) {
        TokenStreamLocation at = e.getLocation();
        int line = at == null ? 1 : Math.max(1, at.getLineNr());
        int column = at == null ? 1 : Math.max(1, at.getColumnNr());
        String what =
                e.getCause() instanceof MarkedYamlEngineException yaml ? yaml.getProblem() : e.getOriginalMessage();
        return new MalformedText(line, column, Shown.message(what));
    }

    /** At a position in the text; both numbers begin with 1. */
    static MalformedText at(String text, int offset, String what) {
        int line = 1;
        int start = 0;
        for (int i = text.indexOf('\n'); i >= 0 && i < offset; i = text.indexOf('\n', i + 1)) {
            line++;
            start = i + 1;
        }
        return new MalformedText(line, offset - start + 1, what);
    }
}
