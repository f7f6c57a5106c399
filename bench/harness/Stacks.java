// SPDX-License-Identifier: Apache-2.0
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordingFile;

/** Prints the CPU-time samples of a flight recording as folded stacks: {@code thread;outermost;…;innermost count}. */
final class Stacks {

    private static final List<String> EVENTS =
            List.of("jdk.CPUTimeSample", "jdk.ExecutionSample", "jdk.NativeMethodSample");

    public static void main(String[] recording) throws Exception {
        Map<String, Integer> folded = new HashMap<>();
        try (RecordingFile events = new RecordingFile(Path.of(recording[0]))) {
            while (events.hasMoreEvents()) {
                RecordedEvent event = events.readEvent();
                if (EVENTS.contains(event.getEventType().getName()) && event.getStackTrace() != null) {
                    folded.merge(stack(event), 1, Integer::sum);
                }
            }
        }
        folded.forEach((stack, count) -> System.out.println(stack + " " + count));
    }

    private static String stack(RecordedEvent event) {
        String thread = event.hasField("eventThread") ? "eventThread" : "sampledThread";
        StringBuilder line = new StringBuilder(
                event.getThread(thread).getJavaName().replace(' ', '-').replace(';', ','));
        List<RecordedFrame> frames = event.getStackTrace().getFrames();
        for (int at = frames.size() - 1; at >= 0; at--) {
            var method = frames.get(at).getMethod();
            line.append(';').append(method.getType().getName()).append('.').append(method.getName());
        }
        return line.toString();
    }
}
