variable "name" {
  type        = string
  description = "Name of the queue, without .fifo."
}

variable "visibility_seconds" {
  type        = number
  description = "How long a message that somebody took is hidden from others."
}

variable "alarm_actions" {
  type        = list(string)
  description = "Whom the alarms call."
}
