"""The stack of frames: which part of a run a line belongs to.

A frame is a run, a fiber of it, or an appended subprocess: everything from an `initializing...`
header to the matching `cleanup...` end. Fibers are numbered by nesting (`f_0`, `f_0_0`), which
also tells when the end of a frame was lost.
"""

from dataclasses import dataclass, field

from analysis.engine.faults import Fault

MAX_DEPTH = 1_000


@dataclass(slots=True)
class Frame:
    """An open frame and the faults in it whose fate is undecided."""

    fiber: str = ""
    trying: str = ""  # label of the Try/Catch whose try path this frame is
    remark: tuple[int, int, str, str] | None = None  # SEVERE of a script: line, second, step, text
    running: list[Fault] = field(default_factory=list)  # of the step that is not closed yet
    pending: list[Fault] = field(default_factory=list)  # nobody has caught them so far
    caught: list[Fault] = field(default_factory=list)  # those last sent down an error path
    reported: int = 0  # document errors stated at the end of the frame
    inherited: int = 0  # document errors of its fibers that no error path has taken

    @property
    def own_document_errors(self) -> int:
        """Document errors of this frame that none of its fibers has stated before."""
        return max(0, self.reported - self.inherited)


class Frames:
    """The open frames, outermost first; there is always one."""

    def __init__(self) -> None:
        self.stack = [Frame()]
        self._too_deep = 0

    @property
    def top(self) -> Frame:
        """The innermost frame."""
        return self.stack[-1]

    @property
    def parent(self) -> Frame | None:
        """The frame around the innermost one."""
        return self.stack[-2] if len(self.stack) > 1 else None

    def open(self, fiber: str) -> list[Frame]:
        """Enter a frame; returns the frames whose end must have been lost, innermost first."""
        lost = []
        while fiber and len(self.stack) > 1 and self._is_over(self.top.fiber, fiber):
            lost.append(self.stack.pop())
        if len(self.stack) < MAX_DEPTH:
            self.stack.append(Frame(fiber))
        else:
            self._too_deep += 1
        return lost

    def close(self) -> Frame | None:
        """Leave the innermost frame and return it; None when it is the outermost."""
        if self._too_deep:
            self._too_deep -= 1
            return Frame()
        return self.stack.pop() if len(self.stack) > 1 else None

    def scope(self) -> tuple[int, str] | None:
        """Depth and label of the innermost Try/Catch around this line, or None."""
        for depth in range(len(self.stack) - 1, -1, -1):
            if self.stack[depth].trying:
                return depth, self.stack[depth].trying
        return None

    @staticmethod
    def _is_over(fiber: str, next_fiber: str) -> bool:
        return bool(fiber) and not next_fiber.startswith(fiber + "_")
