// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy;

import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.policy.Node.Entry;
import dev.mcpmtls.policy.Node.Mapping;
import dev.mcpmtls.policy.Node.Scalar;
import dev.mcpmtls.policy.Node.Sequence;
import dev.mcpmtls.policy.Problem.Location;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLParser;

/** Reads YAML as a tree in which everything has its place. Anchors, aliases and tags are refused, and so is a key that is there twice. */
final class YamlReader {

    private static final int MAX_BYTES = 1024 * 1024;
    private static final int MAX_DEPTH = 32;
    private static final int MAX_DIGITS = 100;
    private static final YAMLFactory YAML = YAMLFactory.builder().build();
    private static final Pattern MARK = Pattern.compile("in reader, line (\\d+), column (\\d+)");

    /** Patterns of the parser's messages, each with our message and remedy; the first match counts. */
    private static final List<Map.Entry<Pattern, String>> FAULTS = List.of(
            fault("\\(TAB\\)", "there is a tab\nindent with spaces"),
            fault("special characters are not allowed", "there is a control character\nremove it"),
            fault(
                    "parsing a flow mapping",
                    "the map that begins with '{' is not closed\nput commas between, and close it with '}'"),
            fault(
                    "parsing a flow sequence",
                    "the list that begins with '[' is not closed\nput commas between, and close it with ']'"),
            fault("quoted scalar[\\s\\S]*end of stream", "the quotation mark is never closed\nclose it"),
            fault("unknown escape character", "a backslash in double quotes begins an escape\nuse single quotes"),
            fault(
                    "mapping values are not allowed",
                    "there is a ':' too many, or the line is indented too far\nput a value with ': ' in quotes"),
            fault("could not find expected ':'", "there is no ':' after the key\nwrite 'key: value'"),
            fault("scanning an alias|scanning an anchor", "a value begins with '*' or '&'\nput it in quotes"),
            fault("that cannot start any token", "a value begins with a character that needs quotes\nput it in quotes"),
            fault("<block end>", "the line is not indented like those beside it\nlet them begin in one column"));

    private final String file;
    private final YAMLParser yaml;

    private YamlReader(String file, YAMLParser yaml) {
        this.file = file;
        this.yaml = yaml;
    }

    private static Map.Entry<Pattern, String> fault(String sign, String advice) {
        return Map.entry(Pattern.compile(sign), advice);
    }

    /**
     * Loads a file's text.
     *
     * @param example of such a file on one line, for a user who has none
     * @throws BadPolicyException when it cannot be read, is too large, or is not UTF-8
     */
    static String load(Path path, String example) {
        String file = path.toString();
        try (InputStream in = Files.newInputStream(path)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw bad(
                        Location.of(file),
                        "the file is larger than " + MAX_BYTES + " bytes\nuse patterns instead of lists of names");
            }
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (NoSuchFileException e) {
            throw bad(Location.of(file), "there is no such file\ncheck its path, or write one, for example " + example);
        } catch (AccessDeniedException e) {
            throw bad(Location.of(file), "this user may not read the file\ncorrect its permissions");
        } catch (CharacterCodingException e) {
            throw bad(Location.of(file), "the file is not text in UTF-8\nsave it as UTF-8");
        } catch (IOException e) {
            throw bad(Location.of(file), "cannot read the file: " + e.getMessage());
        }
    }

    /**
     * Parses text; empty when there is nothing but comments.
     *
     * @throws BadPolicyException when it is no YAML, or YAML of a kind that has no place here
     */
    static Optional<Node> parse(String file, String text) {
        if (text.length() > MAX_BYTES) {
            throw bad(Location.of(file), "the text is longer than " + MAX_BYTES + " characters");
        }
        try (JsonParser parser = YAML.createParser(ObjectReadContext.empty(), text)) {
            YamlReader reader = new YamlReader(file, (YAMLParser) parser);
            if (parser.nextToken() == null) {
                return Optional.empty();
            }
            Node root = reader.node(0);
            if (parser.nextToken() != null) {
                throw bad(reader.here(), "a second document begins\nremove the '---' above it");
            }
            return Optional.of(root);
        } catch (JacksonException e) {
            throw fault(file, e);
        }
    }

    private Node node(int depth) {
        Location at = here();
        if (depth > MAX_DEPTH) {
            throw bad(at, "this is nested too deeply");
        }
        if (yaml.isCurrentAlias() || yaml.getObjectId() != null) {
            throw bad(at, "this is an alias or anchor of YAML\nput a value that begins with '*' or '&' in quotes");
        }
        if (yaml.getTypeId() != null) {
            throw bad(at, "this is a tag of YAML\nput a value that begins with '!' in quotes");
        }
        return switch (yaml.currentToken()) {
            case START_OBJECT -> mapping(at, depth);
            case START_ARRAY -> sequence(at, depth);
            default -> scalar(at);
        };
    }

    private Node mapping(Location at, int depth) {
        List<Entry> entries = new ArrayList<>();
        Set<String> keys = new HashSet<>();
        while (yaml.nextToken() == JsonToken.PROPERTY_NAME) {
            String key = yaml.currentName();
            Location keyAt = here();
            if (yaml.isCurrentAlias()) {
                throw bad(keyAt, "this is an alias of YAML\nput a key that begins with '*' in quotes");
            }
            if (!keys.add(key)) {
                throw bad(keyAt, "'" + Printable.clean(key) + "' is here a second time\nkeep one of them");
            }
            yaml.nextToken();
            entries.add(new Entry(key, keyAt, node(depth + 1)));
        }
        return new Mapping(at, entries);
    }

    private Node sequence(Location at, int depth) {
        List<Node> elements = new ArrayList<>();
        while (yaml.nextToken() != JsonToken.END_ARRAY) {
            elements.add(node(depth + 1));
        }
        return new Sequence(at, elements);
    }

    private Node scalar(Location at) {
        String text = yaml.getString();
        int offset = (int) yaml.currentTokenLocation().getCharOffset();
        return switch (yaml.currentToken()) {
            case VALUE_NULL -> new Scalar(at, "", null, offset);
            case VALUE_TRUE, VALUE_FALSE -> new Scalar(at, text, yaml.getBooleanValue(), offset);
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> {
                if (text.length() > MAX_DIGITS) {
                    throw bad(at, "this number has more than " + MAX_DIGITS + " digits");
                }
                yield new Scalar(at, text, yaml.getNumberValue(), offset);
            }
            default -> text.equals("~") ? new Scalar(at, "", null, offset) : new Scalar(at, text, text, offset);
        };
    }

    private Location here() {
        TokenStreamLocation at = yaml.currentTokenLocation();
        return new Location(file, at.getLineNr(), at.getColumnNr());
    }

    private static BadPolicyException fault(String file, JacksonException e) {
        String message = e.getOriginalMessage();
        List<MatchResult> marks = MARK.matcher(message).results().toList();
        Location at = e.getLocation() == null
                ? Location.of(file)
                : new Location(
                        file, e.getLocation().getLineNr(), e.getLocation().getColumnNr());
        if (!marks.isEmpty()) {
            // Where it began comes first, then where the parser noticed, which for wrong indentation is the better
            // place.
            MatchResult mark = marks.get(message.contains("<block end>") ? marks.size() - 1 : 0);
            at = new Location(file, Integer.parseInt(mark.group(1)), Integer.parseInt(mark.group(2)));
        }
        return bad(
                at,
                FAULTS.stream()
                        .filter(fault -> fault.getKey().matcher(message).find())
                        .map(Map.Entry::getValue)
                        .findFirst()
                        .orElse("this is not YAML: "
                                + Printable.clean(message.lines().findFirst().orElse(""))));
    }

    private static BadPolicyException bad(Location at, String message) {
        return new BadPolicyException(Problem.error(at, message));
    }
}
